"""Every role tries every subject, on a real server with the configuration of a real hub."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from nats.aio.msg import Msg

from bri_kit import claims, clock, nkey, transport
from bri_kit.access import ANYBODY, Access
from bri_kit.authority import Authority, write_secret
from bri_kit.consuming import Consumer
from bri_kit.nkey import Kind
from bri_kit.publishing import Outgoing, Publisher
from tests.support.secured import Secured, connected, refusal

HOUR = timedelta(hours=1)

CENTRES = ("sco", "asean", "hub")
OURS = ("log", "ask", "compare", "receipt", "resend")
SUBJECTS = (
    *(f"bri.{what}.{code}" for what in OURS for code in CENTRES),
    "bri.probe",
    "bri.log",
    "bri.other.sco",
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.BRI_LOG",
    "$JS.API.STREAM.PURGE.BRI_LOG",
    "$JS.API.STREAM.DELETE.BRI_LOG",
    "$JS.API.STREAM.MSG.GET.BRI_LOG",
    "$JS.API.DIRECT.GET.BRI_LOG.bri.log.asean",
    "$JS.API.CONSUMER.CREATE.BRI_LOG",
    "$JS.API.CONSUMER.MSG.NEXT.BRI_LOG.hub",
    "$SYS.REQ.CLAIMS.UPDATE",
    "$SYS.REQ.CLAIMS.DELETE",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.USER.INFO",
    "$SYS.ACCOUNT.x.CONNECT",
    *(f"_INBOX.{name}.x" for name in (*CENTRES, "admin")),
    "_INBOX.x",
)
WILDCARDS = (
    ">",
    "*.>",
    "bri.>",
    "bri.*.sco",
    *(f"bri.{what}.*" for what in OURS),
    "_INBOX.>",
    *(f"_INBOX.{name}.>" for name in (*CENTRES, "admin")),
    "$JS.>",
    "$SYS.>",
)

JETSTREAM = {each for each in SUBJECTS if each.startswith("$JS.API.")}
MAY_PUBLISH = {
    "sco": {"bri.log.sco", "bri.ask.sco", "bri.compare.sco"},
    "asean": {"bri.log.asean", "bri.ask.asean", "bri.compare.asean"},
    "hub": {
        *(f"bri.{what}.{code}" for what in ("receipt", "resend") for code in CENTRES),
        "bri.probe",
        *JETSTREAM,
    },
    "admin": {"$SYS.REQ.CLAIMS.UPDATE"},
}
MAY_HEAR = {
    "sco": {"bri.receipt.sco", "bri.resend.sco", "_INBOX.sco.x", "_INBOX.sco.>"},
    "asean": {"bri.receipt.asean", "bri.resend.asean", "_INBOX.asean.x", "_INBOX.asean.>"},
    "hub": {
        *(f"bri.{what}.{code}" for what in ("ask", "compare") for code in (*CENTRES, "*")),
        "_INBOX.hub.x",
        "_INBOX.hub.>",
    },
    "admin": {"_INBOX.admin.x", "_INBOX.admin.>"},
}


def access_of(broker: Secured, role: str) -> Access:
    return {"hub": broker.hub, "admin": broker.admin}.get(role) or broker.centre(role)


class Trying:
    """A connection that tells what the server refused. Nothing that it says is minded here."""

    def __init__(self, client: transport.Connection) -> None:
        self.client = client
        self.refused: list[str] = []

    async def take(self, error: Exception) -> None:
        self.refused.append(str(error).lower())

    async def publishes(self, subject: str, reply: str = "") -> bool:
        """Whether the server took a message."""
        return await self._taken(lambda: self.client.publish(subject, b"x", reply=reply))

    async def hears(self, subject: str, queue: str = "") -> bool:
        """Whether the server took a subscription, which is ended again."""
        return await self._taken(lambda: self.client.subscribe(subject, queue=queue))

    async def _taken(self, step: Callable[[], Awaitable[object]]) -> bool:
        self.refused.clear()
        made = await step()
        await self.client.flush()
        await self.client.flush()  # nats-py's first ping may go out before what was published
        if hasattr(made, "unsubscribe"):
            await made.unsubscribe()
        assert all("permissions violation" in each for each in self.refused), self.refused
        return not self.refused


@asynccontextmanager
async def trying(broker: Secured, role: str) -> AsyncIterator[Trying]:
    async with connected(broker.server.url, access_of(broker, role)) as client:
        made = Trying(client)
        client._error_cb = made.take
        yield made


@pytest.mark.parametrize("role", MAY_PUBLISH)
async def test_a_role_publishes_what_it_may_and_nothing_else(broker: Secured, role: str) -> None:
    """Each subject tried, not in a table of what is forbidden: what is not allowed is refused."""
    async with trying(broker, role) as client:
        taken = {subject for subject in SUBJECTS if await client.publishes(subject)}
    assert taken == MAY_PUBLISH[role]


@pytest.mark.parametrize("role", MAY_HEAR)
@pytest.mark.parametrize("queue", ["", "group"])
async def test_a_role_hears_what_it_may_and_nothing_else(
    broker: Secured, role: str, queue: str
) -> None:
    """Wildcards too, alone and as one of a group."""
    async with trying(broker, role) as client:
        taken = {each for each in (*SUBJECTS, *WILDCARDS) if await client.hears(each, queue)}
    assert taken == MAY_HEAR[role]


async def test_acknowledgements_and_answers_come_by_what_is_allowed(broker: Secured) -> None:
    """A centre's entries are stored as a batch and one by one, its question is answered, and the
    hub reads the stream."""
    url = broker.server.url
    async with (
        connected(url, broker.hub) as hub,
        connected(url, broker.centre("sco")) as sco,
    ):
        consumer = Consumer(hub)
        await consumer.start()
        publisher = Publisher(sco)
        batch = [Outgoing(str(number), b"entry") for number in range(3)]
        assert await publisher.publish("bri.log.sco", batch) == [None] * 3
        assert await publisher.publish("bri.log.sco", [Outgoing("one", b"entry")]) == [None]
        taken: list[Msg] = []
        while len(taken) < 4:
            taken += await consumer.next_batch(10)

        async def answer(message: Msg) -> None:
            await hub.publish(message.reply, b"answer")

        await hub.subscribe(transport.ask_subject("*"), cb=answer)
        await hub.flush()
        await hub.flush()
        assert (await sco.request("bri.ask.sco", b"?", timeout=5)).data == b"answer"


async def test_the_broker_is_not_made_to_act_for_a_centre(broker: Secured) -> None:
    """An acknowledgement that a centre has sent to JetStream's API, or to the hub's place in the
    stream, changes nothing; one that comes to another's log is known for what it is."""
    url = broker.server.url
    async with connected(url, broker.hub) as hub, trying(broker, "sco") as sco:
        consumer = Consumer(hub)
        await consumer.start()
        jetstream = hub.jetstream()
        targets = ("STREAM.PURGE.BRI_LOG", "STREAM.DELETE.BRI_LOG", "CONSUMER.DELETE.BRI_LOG.hub")
        for target in targets:
            assert await sco.publishes("bri.log.sco", f"$JS.API.{target}")
        assert not await sco.publishes("bri.log.sco", "$JS.ACK.BRI_LOG.hub.1.1.1.1.0")
        assert await sco.publishes("bri.log.sco", "bri.log.asean")
        taken: list[Msg] = []
        while len(taken) < 5:
            taken += await consumer.next_batch(10)
        assert (await jetstream.stream_info("BRI_LOG")).state.messages == 5
        assert await jetstream.consumer_info("BRI_LOG", "hub")
        strange = [each.data for each in taken if each.subject == "bri.log.asean"]
        assert [transport.is_brokers(data) for data in strange] == [True]
        assert not any(transport.is_brokers(each.data) for each in taken if each.data == b"x")


def _forged(broker: Secured, folder: Path) -> Access:
    """A user of our account whom somebody else vouches for."""
    key, signer = SigningKey.generate(), SigningKey.generate()
    user = nkey.public(key, Kind.USER)
    claim = claims.user_claim("sco", user, broker.authority.federation, signer, clock.now())
    write_secret(folder / "forged", claims.credentials(claim, nkey.seed(key, Kind.USER)))
    return Access(folder / "forged", "sco")


def _foreign(_broker: Secured, folder: Path) -> Access:
    """A centre of another hub."""
    Authority(folder / "other").provide("sco", folder / "foreign")
    return Access(folder / "foreign", "sco")


def _stolen(broker: Secured, folder: Path) -> Access:
    """A centre's claim, without its private key."""
    claim = claims.claim_in((broker.centre("sco").credentials or folder).read_text())
    seed = nkey.seed(SigningKey.generate(), Kind.USER)
    write_secret(folder / "stolen", claims.credentials(claim, seed))
    return Access(folder / "stolen", "sco")


def _expired(broker: Secured, folder: Path) -> Access:
    """Credentials that held until an hour ago."""
    key = SigningKey.generate()
    claim = broker.authority.admit("sco", nkey.public(key, Kind.USER), clock.now() - HOUR)
    write_secret(folder / "expired", claims.credentials(claim, nkey.seed(key, Kind.USER)))
    return Access(folder / "expired", "sco")


def _nobody(_broker: Secured, _folder: Path) -> Access:
    return ANYBODY


@pytest.mark.parametrize("who", [_nobody, _forged, _foreign, _stolen, _expired])
async def test_strangers_are_not_let_in(
    broker: Secured, tmp_path: Path, who: Callable[[Secured, Path], Access]
) -> None:
    """By no subject at all, and they are told that it is about credentials."""
    access = who(broker, tmp_path)
    assert "does not take these credentials" in await refusal(broker.server.url, access)


async def test_a_revoked_centre_is_cut_and_stays_out(broker: Secured) -> None:
    """At once, also when the server comes back with the configuration that it began with; others
    notice nothing. Once restored, the same credentials let in again."""
    url, sco = broker.server.url, broker.centre("sco")
    async with connected(url, sco) as client, connected(url, broker.centre("asean")) as other:
        await broker.tell({broker.user("sco"): int(clock.now().timestamp())})
        with pytest.raises(transport.ConnectionEnded, match="revoked"):
            async with asyncio.timeout(5):
                await client.until_ended()
        await other.publish("bri.ask.asean", b"")
        await other.flush()
        assert other.is_connected
    assert "does not take" in await refusal(url, sco)
    broker.server.stop()
    broker.server.start()
    assert "does not take" in await refusal(url, sco)
    await broker.tell({})
    async with connected(url, sco) as client:
        assert client.is_connected


@pytest.mark.parametrize("name", ["*", ">", "sco.>", "sco.*", "", "Sco", "{{name()}}"])
def test_a_name_cannot_widen_what_is_allowed(broker: Secured, name: str) -> None:
    """It stands in the subjects that its bearer may use: one with a wildcard is not vouched for."""
    with pytest.raises(ValueError, match="cannot be called"):
        broker.authority.provide(name, broker.folder / "odd")
    with pytest.raises(ValueError, match="cannot be called"):
        broker.authority.admit(name, broker.user("sco"))


async def test_a_centre_called_hub_is_a_centre(broker: Secured) -> None:
    """It is a name, not a role."""
    broker.authority.provide("hub", broker.folder / "odd")
    odd = Access(broker.folder / "odd", "hub")
    async with connected(broker.server.url, odd) as connection:
        client = Trying(connection)
        connection._error_cb = client.take
        assert not await client.publishes("bri.receipt.sco")
        assert not await client.publishes("$JS.API.INFO")
        assert await client.publishes("bri.log.hub")
