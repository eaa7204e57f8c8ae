"""Stories from end to end: a real hub and search replica, centres that publish, and an editor."""

import shutil
import socket
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from bri.content.v1 import content_pb2
from pydantic import SecretStr

from bri_hub.tokens import create_token
from bri_kit import content, transport
from bri_retrieval.meaning.embedder import Matrix, Vector, unit
from bri_search import app as search
from bri_search.settings import SearchSettings
from tests.integration.hub.running import (
    ADDRESS,
    CHANGES_TOKEN,
    Line,
    RunningHub,
    introduce,
    running_hub,
)
from tests.support.centres import AT, Centre, a_record
from tests.support.nats import NatsServer
from tests.support.tellings import APART, TOLD, Telling
from tests.support.waiting import eventually

PATIENCE_SECONDS = 60.0


class PlayedEmbedder:
    """Knows what tells the same by heart: vectors lean towards their fact and their language."""

    name = "played"
    dimensions = 32
    questions_at_once = 1

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self.embed_passages([text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return unit(np.stack([self._vector(text) for text in texts]))

    def rest(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _vector(self, text: str) -> Vector:
        own = np.random.default_rng(zlib.crc32(text.encode())).normal(size=self.dimensions)
        facts = np.random.default_rng(7).normal(size=(len(TOLD), self.dimensions))
        told = (fact for fact, row in enumerate(TOLD) if any(each.title in text for each in row))
        leaning = facts[fact] if (fact := next(told, None)) is not None else np.zeros(1)
        return np.asarray(3 * leaning + own, np.float32)


class Federation:
    """Two centres, the hub, and search at its side."""

    def __init__(self, data: Path, hub: RunningHub, lines: dict[str, Line], port: int) -> None:
        self.hub, self._lines, self._data, self._port = hub, lines, data, port
        self.centres = {code: Centre(code) for code in lines}

    @asynccontextmanager
    async def searching(self) -> AsyncIterator[None]:
        """Search, inside the block."""
        changes = self.hub.app.state.parts.changes_port
        settings = SearchSettings(
            data=self._data / "search",
            port=self._port,
            http_port=0,
            hub_url=f"127.0.0.1:{changes}",
            hub_token=SecretStr(CHANGES_TOKEN),
            embedder="off",
        )
        async with search.replica(settings):
            await eventually(self.hub_can_search, seconds=PATIENCE_SECONDS)
            yield

    async def hub_can_search(self) -> bool:
        return (await self.hub.http.get("/api/v1/search")).status_code == 200

    def drop_index(self) -> None:
        shutil.rmtree(self._data / "search")

    async def publish(self, code: str, record: content_pb2.Record) -> str:
        await self._lines[code].send(self.centres[code].publish(record))
        await self.hub.has(record.id)
        return record.id

    async def tell(self, code: str, telling: Telling) -> str:
        return await self.publish(code, _record(self.centres[code].record_id(), telling))

    async def cards(self, count: int) -> list[dict[str, Any]]:
        """All cards, once there are so many."""

        async def ask() -> Any:
            answer = await self.hub.http.get("/api/v1/search", params={"limit": 50})
            return answer.json()

        found = await eventually(ask, lambda page: page["total"] == count, seconds=PATIENCE_SECONDS)
        hits: list[dict[str, Any]] = found["hits"]
        return hits

    async def decide(
        self, record_id: str, what: str, other: str, token: str = "", **more: str
    ) -> httpx.Response:
        return await self.hub.http.post(
            f"/api/v1/records/{record_id}/story/{what}",
            json={"other": other, "reason": "the same decree", **more},
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    async def story(self, record_id: str) -> httpx.Response:
        return await self.hub.http.get(f"/api/v1/records/{record_id}/story")


def _record(record_id: str, telling: Telling) -> content_pb2.Record:
    record = content_pb2.Record(
        id=record_id,
        revision=1,
        kind=content.KINDS[telling.kind],
        original_language=telling.language,
        countries=telling.countries,
        dates=content_pb2.Dates(event=telling.event, published=AT),
    )
    if telling.number:
        record.policy.number = telling.number
        record.policy.amends.extend(telling.amends)
    record.editions.add(
        language=telling.language,
        title=telling.title,
        body=f"<p>{telling.body}</p>",
        origin=content_pb2.ORIGIN_ORIGINAL,
    )
    return record


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def federation(tmp_path: Path, broker: NatsServer) -> AsyncIterator[Federation]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = await transport.connect(broker.url, "test")
    await transport.ensure_stream(client)
    lines = {code: Line(client, code) for code in ("sco", "asean")}
    async with running_hub(tmp_path / "hub", broker.url, f"127.0.0.1:{port}") as hub:
        federation = Federation(tmp_path, hub, lines, port)
        for centre in federation.centres.values():
            introduce(tmp_path / "hub", centre)
        yield federation
    await client.close()


@pytest.fixture
def editor(tmp_path: Path, federation: Federation) -> str:
    """A token of an editor of the hub."""
    assert federation
    return create_token(tmp_path / "hub", "editor", "Aigerim")


async def test_what_centres_tell_in_three_languages_is_one_card(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by meaning, without anybody's help; what only looks the same stays apart."""
    monkeypatch.setattr(search, "open_embedder", lambda setting, key: PlayedEmbedder())
    zh, en, ru = TOLD[0]
    ids = [
        await federation.tell("asean", zh),
        await federation.tell("sco", en),
        await federation.tell("asean", ru),
    ]
    standards = APART["two standards of one series"][1]
    await federation.tell("sco", standards)
    for telling in (TOLD[1][1], TOLD[2][1]):
        await federation.tell("sco", telling)
    async with federation.searching():
        cards = await federation.cards(4)
        (card,) = [each for each in cards if each["story"]]
        assert sorted([card["id"], *card["story"]]) == sorted(ids)
        assert (card["id"], card["title"]) == (ids[1], en.title)
        assert sorted(card["editions"]) == ["en", "ru", "zh"]
        assert sorted(each["id"] for each in card["versions"]) == sorted(card["story"])
        items = (await federation.story(ids[1])).json()["items"]
        assert {each["id"]: each["linked"] for each in items} == dict.fromkeys(
            card["story"], "found"
        )


async def test_an_editor_joins_and_parts(federation: Federation, editor: str) -> None:
    """A decision needs no vectors, shows at once, outlives the index, and can be taken back."""
    one = await federation.tell("sco", TOLD[1][1])
    other = await federation.tell("asean", TOLD[1][0])
    async with federation.searching():
        await federation.cards(2)
        answer = await federation.decide(one, "join", other, editor)
        assert answer.status_code == 200, answer.text
        assert answer.json()["by"] == "Aigerim"
        (card,) = await federation.cards(1)
        assert (card["id"], card["story"]) == (one, [other])
        (item,) = (await federation.story(other)).json()["items"]
        assert (item["id"], item["linked"], item["languages"]) == (one, "decided", ["en"])
        assert item["url"] == f"{ADDRESS}/api/v1/records/{one}"
    federation.drop_index()
    async with federation.searching():
        await federation.cards(1)
        assert (await federation.decide(other, "part", one, editor)).status_code == 200
        await federation.cards(2)
        assert (await federation.story(one)).json() == {"items": [], "cursor": None}


async def test_a_withdrawn_record_leaves_its_story(federation: Federation, editor: str) -> None:
    """The others go on, and the withdrawn one is answered with its tombstone."""
    one = await federation.tell("sco", TOLD[1][1])
    other = await federation.tell("asean", TOLD[1][0])
    async with federation.searching():
        await federation.decide(one, "join", other, editor)
        await federation.cards(1)
        await federation._lines["sco"].send(federation.centres["sco"].retract(one))
        await federation.hub.has(one, 410)
        assert (await federation.story(one)).status_code == 410
        assert (await federation.decide(other, "join", one, editor)).status_code == 410

        async def alone() -> bool:
            (card,) = await federation.cards(1)
            return bool(card["id"] == other and card["story"] == [])

        await eventually(alone)


async def test_who_may_decide_and_about_what(
    federation: Federation, editor: str, tmp_path: Path
) -> None:
    """Editors alone; about two records that are here; and only what changes something."""
    one = await federation.publish("sco", a_record(federation.centres["sco"].record_id()))
    other = await federation.publish("asean", a_record(federation.centres["asean"].record_id()))
    nobody = f"sco:{'0' * 26}"
    contributor = create_token(tmp_path / "hub", "contributor", "Li")
    cases = [
        (await federation.decide(one, "join", other), 401),
        (await federation.decide(one, "join", other, "bri_hub_invented"), 401),
        (await federation.decide(one, "join", other, contributor), 403),
        (await federation.decide(one, "join", nobody, editor), 404),
        (await federation.decide("nonsense", "part", other, editor), 404),
        (await federation.decide(one, "join", one, editor), 422),
        (await federation.decide(one, "join", other, editor, reason=" "), 422),
        (await federation.decide(one, "join", other, editor, more="x"), 422),
        (await federation.decide(one, "join", other, editor), 200),
        (await federation.decide(other, "join", one, editor), 409),
        (await federation.decide(other, "part", one, editor), 200),
        (await federation.decide(one, "part", other, editor), 409),
    ]
    assert [answer.status_code for answer, _ in cases] == [status for _, status in cases]


async def test_decisions_do_not_contradict_each_other(federation: Federation, editor: str) -> None:
    """What others join cannot be parted, and what was parted cannot be joined through others."""
    sco = federation.centres["sco"]
    a, b, c = [await federation.publish("sco", a_record(sco.record_id())) for _ in range(3)]
    steps = [
        (a, "join", b, 200),
        (b, "join", c, 200),
        (a, "part", c, 409),
        (b, "part", c, 200),
        (a, "part", c, 200),
        (b, "join", c, 409),
        (a, "join", c, 409),
        (b, "part", a, 200),
        (b, "join", c, 200),
        (a, "join", c, 409),
    ]
    for one, what, other, status in steps:
        answer = await federation.decide(one, what, other, editor)
        assert answer.status_code == status, (what, answer.text)


async def test_decisions_travel_as_changes(federation: Federation, editor: str) -> None:
    """Both records become changes that carry the decision; the head moves with them."""
    one = await federation.publish("sco", a_record(federation.centres["sco"].record_id()))
    other = await federation.publish("asean", a_record(federation.centres["asean"].record_id()))
    await federation.decide(one, "join", other, editor)
    async with federation.hub.follow(after=2) as call:
        response = await call.read()
    assert {each.record_id: list(each.joined) for each in response.changes} == {
        one: [other],
        other: [one],
    }
    assert [each.number for each in response.changes] == [3, 4]
    assert response.head == 4


async def test_without_search_only_stories_are_away(federation: Federation) -> None:
    """503 with the reason for the story; the record itself is read."""
    one = await federation.publish("sco", a_record(federation.centres["sco"].record_id()))
    assert (await federation.story(one)).status_code == 503
    assert (await federation.story(f"sco:{'0' * 26}")).status_code == 404
