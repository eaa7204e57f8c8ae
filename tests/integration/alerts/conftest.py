"""A broker, a hub, a search service that follows it, a mail server and a subscriber's service."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from bri.content.v1 import content_pb2
from pydantic import SecretStr

from bri_hub.alerts import outbox, rhythm, watching
from bri_kit import database, transport
from bri_search import app as search
from bri_search.settings import SearchSettings
from tests.integration.hub.running import CHANGES_TOKEN, Line, RunningHub, introduce, running_hub
from tests.support.centres import Centre, a_record
from tests.support.hooks import HookServer
from tests.support.mail import MailServer, links_of
from tests.support.nats import NatsServer
from tests.support.site import free_port
from tests.support.waiting import eventually

SENDER = "hub@hub.example"


class Place:
    """Everything that alerts need; hub and search can be stopped and started."""

    def __init__(self, folder: Path, broker: NatsServer, mail: MailServer) -> None:
        self.folder = folder
        self.broker = broker
        self.mail = mail
        self.search_port, self.changes_port = free_port(), free_port()
        self.sco = Centre("sco")
        introduce(folder / "hub", self.sco)
        self._hub, self._search = AsyncExitStack(), AsyncExitStack()

    async def start_hub(self, **settings: Any) -> None:
        running = running_hub(
            self.folder / "hub",
            self.broker.url,
            f"127.0.0.1:{self.search_port}",
            **{
                "changes_port": self.changes_port,
                "smtp_host": "127.0.0.1",
                "smtp_port": self.mail.port,
                "smtp_security": "none",
                "smtp_sender": SENDER,
                "fetch_allowed": "127.0.0.0/8",
                "alerts_gathering_seconds": 0,
                "alerts_letters_per_hour": 100,
                **settings,
            },
        )
        self.hub: RunningHub = await self._hub.enter_async_context(running)

    async def stop_hub(self) -> None:
        await self._hub.aclose()

    async def start_search(self) -> None:
        settings = SearchSettings(
            data=self.folder / "search",
            port=self.search_port,
            http_port=0,
            hub_url=f"127.0.0.1:{self.changes_port}",
            hub_token=SecretStr(CHANGES_TOKEN),
            embedder="off",
        )
        await self._search.enter_async_context(search.replica(settings))

    async def stop_search(self) -> None:
        await self._search.aclose()

    async def connect(self) -> None:
        self.client = await transport.connect(self.broker.url, "sco")
        await transport.ensure_stream(self.client)
        self.line = Line(self.client, "sco")
        await self.line.listen()

    async def publish(self, record: content_pb2.Record) -> content_pb2.Record:
        """Publish a record, or a revision of it, at the hub."""
        await self.line.send(self.sco.publish(record))
        return record

    async def retract(self, record: content_pb2.Record, reason: str) -> None:
        await self.line.send(self.sco.retract(record.id, record.revision, reason))

    async def ask(self, path: str, **form: str) -> Any:
        """Send the form of a list's page for following."""
        return await self.hub.http.post(f"/{path}", data=form)

    async def follow(self, path: str, address: str, rhythm: str = "immediately") -> str:
        """Follow a list by e-mail, through the letter; the path of the page to manage it."""
        before = len(self.mail.letters)
        answer = await self.ask(path, channel="mail", target=address, rhythm=rhythm)
        assert answer.status_code == 200, answer.text
        (link, *_) = links_of(await self.mail.letter(before + 1))
        answer = await self.hub.http.post(link)
        assert answer.status_code == 200, answer.text
        return link

    async def searchable(self, text: str) -> None:
        """Wait until search finds something for `text`."""
        path = f"/api/v1/search?q={text}"

        async def total() -> int:
            answer = await self.hub.http.get(path)
            return int(answer.json().get("total", 0))

        await eventually(total)

    async def has_revision(self, record_id: str, revision: int) -> None:
        """Wait until the hub has a revision."""
        path = f"/api/v1/records/{record_id}"

        async def held() -> int:
            answer = await self.hub.http.get(path)
            return int(answer.json().get("revision", 0))

        await eventually(held, lambda found: found == revision)

    async def has_events(self, number: int) -> None:
        """Wait until there are so many things to be told."""
        await self.has("SELECT count(*) FROM alert_event WHERE kind != 'listed'", number)

    async def has_state(self, state: str) -> None:
        """Wait until a subscription is in this state."""
        await self.has(f"SELECT count(*) FROM alert_subscription WHERE state = '{state}'", 1)

    async def has(self, question: str, number: int) -> None:
        """Wait until the database answers so."""

        async def asked() -> int:
            return self.count(question)

        await eventually(asked, lambda found: found == number)

    def rows(self, table: str) -> int:
        return self.count(f"SELECT count(*) FROM {table}")

    def count(self, question: str) -> int:
        with database.reading(self.hub.app.state.parts.engine) as session:
            return int(session.connection().exec_driver_sql(question).scalar_one())

    def values(self, question: str) -> list[str]:
        with database.reading(self.hub.app.state.parts.engine) as session:
            return [row[0] for row in session.connection().exec_driver_sql(question)]

    def manage_path(self, page: str) -> str:
        """Where a page's forms for managing lead."""
        found = re.search(r'action="(/\w+/following/[^"]+)"', page)
        assert found is not None, page
        return found[1]

    async def close(self) -> None:
        await self.client.close()
        await self.stop_search()
        await self.stop_hub()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that waits looks again at once."""
    monkeypatch.setattr(outbox, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(watching, "SAFETY_SECONDS", 0.2)
    monkeypatch.setattr(rhythm, "PAUSES", (0.01,) * 8)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def service() -> Iterator[HookServer]:
    server = HookServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def place(
    tmp_path: Path, broker: NatsServer, mail: MailServer, quick: None
) -> AsyncIterator[Place]:
    place = Place(tmp_path, broker, mail)
    # First: two that make the stream at once may be refused room for it.
    await place.connect()
    await place.start_hub()
    await place.start_search()
    yield place
    await place.close()


def a_law(place: Place, number: str, **titles: str) -> content_pb2.Record:
    """A policy in force, of Russia."""
    record = a_record(place.sco.record_id(), 1, **titles)
    record.kind = content_pb2.KIND_POLICY
    record.policy.CopyFrom(
        content_pb2.Policy(jurisdiction="RU", instrument="law", number=number, status="in-force")
    )
    return record


def revised(record: content_pb2.Record, **titles: str) -> content_pb2.Record:
    """The next revision, with other titles and texts."""
    newer = a_record(record.id, record.revision + 1, **titles)
    newer.kind = record.kind
    if record.HasField("policy"):
        newer.policy.CopyFrom(record.policy)
    return newer
