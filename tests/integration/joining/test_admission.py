"""A centre asks, the hub's admin answers, and may think better of it: the hub's side."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from bri_hub.tokens import create_token
from bri_kit import claims, clock, joining, nkey, transport
from bri_kit.access import Access
from bri_kit.authority import write_secret
from bri_kit.nkey import Kind
from tests.integration.hub.running import RunningHub, introduce, running_hub
from tests.support.centres import Centre
from tests.support.secured import Secured, connected, refusal
from tests.support.waiting import eventually
from tests.unit.kit.test_sealing import a_request, altered

ADMIN = "/api/v1/admin"


class Applicant:
    """A centre that would join; its keys are its own."""

    def __init__(self, code: str = "kz-igtic") -> None:
        self.centre = Centre(code)
        self.user = SigningKey.generate()
        self.nonces = 0

    @property
    def nats_user(self) -> str:
        return nkey.public(self.user, Kind.USER)

    def request(self, made_at: datetime | None = None, **other: Any) -> str:
        """Another request each time."""
        self.nonces += 1
        said = a_request(
            **{
                "code": self.centre.code,
                "public_key": joining_key(self.centre),
                "nats_user": self.nats_user,
                "made_at": made_at or clock.now(),
                "nonce": f"{self.nonces:032}",
            }
            | other
        )
        return joining.seal_request(said, self.centre.key)

    def access(self, letter: str, folder: Path) -> Access:
        """How the letter lets the centre in."""
        claim = joining.open_letter(letter)[0].claim
        path = folder / f"{self.centre.code}.creds"
        write_secret(path, claims.credentials(claim, nkey.seed(self.user, Kind.USER)))
        return Access(path, self.centre.code)


def joining_key(centre: Centre) -> str:
    return b64encode(centre.public_key).decode()


@pytest.fixture
def applicant() -> Applicant:
    return Applicant()


@pytest.fixture
async def hub(broker: Secured) -> AsyncIterator[RunningHub]:
    """A hub on the secured broker, asked as its admin."""
    settings: dict[str, Any] = {
        "nats_credentials": broker.authority.hub_credentials,
        "nats_public_url": "wss://hub.test",
    }
    async with running_hub(broker.folder / "hub", broker.server.url, **settings) as running:
        token = create_token(broker.folder / "hub", "admin", "ops")
        running.http.headers["Authorization"] = f"Bearer {token}"
        yield running


async def ask(hub: RunningHub, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = await hub.http.post(ADMIN + path, json=body)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def admitted(hub: RunningHub, applicant: Applicant) -> str:
    letter: str = (await ask(hub, "/joining", request=applicant.request()))["letter"]
    return letter


async def test_a_centre_is_looked_at_and_let_in(
    hub: RunningHub, broker: Secured, applicant: Applicant
) -> None:
    """Looking changes nothing; the answer lets in at once, and the first entry is accepted."""
    text = applicant.request()
    shown = await ask(hub, "/joining/consider", request=text)
    assert (shown["code"], shown["contact"], shown["remarks"]) == (
        "kz-igtic", "desk@centre.example", [],
    )  # fmt: skip
    assert (await hub.http.get("/api/v1/centres/kz-igtic")).status_code == 404
    letter = (await ask(hub, "/joining", request=text))["letter"]
    told = joining.open_letter(letter)[0]
    assert (told.nats_url, told.code) == ("wss://hub.test", "kz-igtic")
    assert nkey.seed(applicant.user, Kind.USER) not in letter
    async with connected(broker.server.url, applicant.access(letter, broker.folder)) as client:
        entry = applicant.centre.publish()
        await client.publish(transport.log_subject("kz-igtic"), entry, headers={"Nats-Msg-Id": "1"})
        await client.flush()
        await eventually(lambda: hub.centre("kz-igtic"), lambda got: got["last_entry"]["number"])
    audit = (await hub.json(f"{ADMIN}/audit"))["items"]
    assert [(line["actor"], line["action"]) for line in audit] == [("ops", "admit")]


async def test_a_revoked_centre_is_cut_and_may_come_back(
    hub: RunningHub, broker: Secured, applicant: Applicant
) -> None:
    """Revoking takes effect on a live connection, and is undone whole."""
    url, access = broker.server.url, applicant.access(await admitted(hub, applicant), broker.folder)
    async with connected(url, access) as client:
        decided = await ask(hub, "/centres/kz-igtic/revoke", reason="lost")
        assert (decided["state"], decided["told"]) == ("suspended", True)
        with pytest.raises(transport.ConnectionEnded):
            async with asyncio.timeout(5):
                await client.until_ended()
    assert "does not take" in await refusal(url, access)
    again = await ask(hub, "/centres/kz-igtic/revoke", 409, reason="twice")
    assert "no credentials that could be revoked" in again["detail"]
    refused = await ask(hub, "/joining", 409, request=applicant.request())
    assert "restore the centre first" in refused["detail"]
    decided = await ask(hub, "/centres/kz-igtic/restore", reason="found")
    assert (decided["state"], decided["told"]) == ("active", True)
    async with connected(url, access) as client:
        assert client.is_connected
    again = await ask(hub, "/centres/kz-igtic/restore", 409, reason="twice")
    assert "not revoked" in again["detail"]


async def test_a_broker_that_is_away_is_told_when_it_is_back(
    hub: RunningHub, broker: Secured, applicant: Applicant
) -> None:
    """The decision stands meanwhile, and says that the broker does not know."""
    access = applicant.access(await admitted(hub, applicant), broker.folder)
    broker.server.stop()
    decided = await ask(hub, "/centres/kz-igtic/revoke", reason="lost")
    assert decided["told"] is False
    broker.server.start()

    async def is_out() -> bool:
        try:
            async with asyncio.timeout(0.5), connected(broker.server.url, access) as client:
                return not client.is_connected
        except (TimeoutError, AssertionError):
            return True

    await eventually(is_out)
    assert "does not take" in await refusal(broker.server.url, access)


async def test_credentials_that_were_seen_are_replaced(
    hub: RunningHub, broker: Secured, applicant: Applicant
) -> None:
    """By a new request with another key: the old ones are void from then on."""
    url, old = broker.server.url, applicant.access(await admitted(hub, applicant), broker.folder)
    applicant.user = SigningKey.generate()
    shown = await ask(hub, "/joining/consider", request=applicant.request())
    assert any("takes part since" in each for each in shown["remarks"])
    async with connected(url, old) as client:
        letter = (await ask(hub, "/joining", request=applicant.request(), days=30))["letter"]
        with pytest.raises(transport.ConnectionEnded):
            async with asyncio.timeout(5):
                await client.until_ended()
    expires = claims.read_user(joining.open_letter(letter)[0].claim).expires
    left = timedelta(seconds=(expires or 0) - clock.now().timestamp())
    assert timedelta(days=29) < left <= timedelta(days=30)
    async with connected(url, applicant.access(letter, broker.folder)) as client:
        assert client.is_connected


async def refused(hub: RunningHub, text: str, status: int) -> str:
    """Why a request is refused, which is the same whether it is looked at or granted."""
    shown = await ask(hub, "/joining/consider", status, request=text)
    granted = await ask(hub, "/joining", status, request=text)
    assert shown["detail"] == granted["detail"]
    return f"{shown['detail']} {shown.get('errors')}"


async def test_bad_requests_are_told(hub: RunningHub, applicant: Applicant) -> None:
    """Altered, from a wrong clock, too old, no request at all."""
    text = applicant.request()
    assert "altered" in await refused(hub, altered(text, code="kz-other"), 422)
    assert "altered" in await refused(hub, altered(text, contact="me@evil.example"), 422)
    for days, told in ((2, "yet to come"), (-31, "too long ago")):
        wrong = applicant.request(clock.now() + timedelta(days=days))
        assert told in await refused(hub, wrong, 422)
    for nothing in ("", "{}", json.dumps({"kind": "join-request"})):
        assert "no join-request" in await refused(hub, nothing, 422)
    late = applicant.request(clock.now() - timedelta(days=3))
    shown = await ask(hub, "/joining/consider", request=late)
    assert shown["remarks"] == ["it was made 3 days ago by the centre's clock"]
    nobody = await ask(hub, "/joining/consider", request=applicant.request(contact=""))
    assert nobody["remarks"] == ["it names nobody to ask"]
    assert (await hub.http.get("/api/v1/centres/kz-igtic")).status_code == 404


async def test_a_request_is_answered_once(hub: RunningHub, applicant: Applicant) -> None:
    """Neither again, nor after a newer one."""
    older, text = applicant.request(clock.now() - timedelta(hours=1)), applicant.request()
    await ask(hub, "/joining", request=text)
    assert "answered already" in await refused(hub, text, 409)
    assert "newer request" in await refused(hub, older, 409)


async def test_a_code_belongs_to_its_key(
    hub: RunningHub, broker: Secured, applicant: Applicant
) -> None:
    """Nobody else is given it, nor another's user of the broker."""
    introduce(broker.folder / "hub", Centre("sco"))
    assert "another public key" in await refused(hub, Applicant("sco").request(), 409)
    await admitted(hub, applicant)
    assert "another public key" in await refused(hub, Applicant().request(), 409)
    thief = Applicant("kz-other")
    text = thief.request(nats_user=applicant.nats_user)
    assert "is that of 'kz-igtic'" in await refused(hub, text, 409)


async def test_only_an_admin_decides(
    hub: RunningHub, broker: Secured, applicant: Applicant
) -> None:
    """An editor of the hub does not, nor does anybody without a token."""
    editor = create_token(broker.folder / "hub", "editor", "editor")
    for header, status in (
        ({"Authorization": f"Bearer {editor}"}, 403),
        ({"Authorization": ""}, 401),
    ):
        for path, body in (
            ("/joining/consider", {"request": applicant.request()}),
            ("/joining", {"request": applicant.request()}),
            ("/centres/kz-igtic/revoke", {"reason": "x"}),
            ("/centres/kz-igtic/restore", {"reason": "x"}),
        ):
            answer = await hub.http.post(ADMIN + path, json=body, headers=header)
            assert answer.status_code == status, (path, answer.text)


async def test_a_hub_whose_broker_asks_nobody_gives_nothing(
    tmp_path: Path, applicant: Applicant
) -> None:
    """And says how keys are made."""
    async with running_hub(tmp_path / "hub", "nats://127.0.0.1:1") as hub:
        token = create_token(tmp_path / "hub", "admin", "ops")
        hub.http.headers["Authorization"] = f"Bearer {token}"
        told = await ask(hub, "/joining", 409, request=applicant.request())
        assert "bri hub init" in told["detail"]


async def test_what_the_broker_says_itself_is_nobodys_refusal(
    hub: RunningHub, broker: Secured, applicant: Applicant
) -> None:
    """A centre that has acknowledgements sent to another's log does not spoil its record, and is
    not answered at another's subject."""
    introduce(broker.folder / "hub", Centre("asean"))
    access = applicant.access(await admitted(hub, applicant), broker.folder)
    async with connected(broker.server.url, access) as client:
        subject = transport.log_subject("kz-igtic")
        await client.publish(subject, b"not an entry", reply=transport.log_subject("asean"))
        await client.publish(
            transport.ask_subject("kz-igtic"), b"", reply=transport.log_subject("asean")
        )
        entry = applicant.centre.publish()
        await client.publish(subject, entry, headers={"Nats-Msg-Id": "1"})
        await client.flush()
        await eventually(lambda: hub.centre("kz-igtic"), lambda got: got["last_entry"]["number"])
    assert (await hub.centre("kz-igtic"))["refused"] == 1
    assert (await hub.centre("asean"))["refused"] == 0
