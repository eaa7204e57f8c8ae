"""From other machines the broker is reached by TLS, over TCP or WebSocket, and known by its CA."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from bri_kit.access import Access, NotTrusted
from bri_kit.broker_configuration import Certificate
from bri_kit.publishing import Outgoing, Publisher
from bri_kit.transport import ensure_stream
from tests.support.nats import NatsServer
from tests.support.secured import Secured, connected, refusal, secured

# nats-py tells aiohttp how long to wait in a way that aiohttp is about to give up.
pytestmark = pytest.mark.filterwarnings("ignore:parameter 'timeout' of type:DeprecationWarning")


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def broker(tmp_path: Path, ca: trustme.CA) -> Iterator[Secured]:
    """With a certificate of a CA that no system trusts."""
    issued = ca.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = Certificate(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    made = secured(tmp_path, certificate, tmp_path / "ca.pem")
    made.server.start()
    yield made
    made.server.stop()


def addresses(broker: Secured) -> dict[str, str]:
    return {
        "tls": f"tls://127.0.0.1:{broker.server.port}",
        "wss": f"wss://127.0.0.1:{broker.server.web_port}",
        "ws": f"ws://127.0.0.1:{broker.server.web_port}",
    }


@pytest.mark.parametrize("scheme", ["tls", "wss"])
async def test_a_centre_delivers_over_tls(broker: Secured, scheme: str) -> None:
    """Both ways carry batches and acknowledgements, and a large message."""
    url = addresses(broker)[scheme]
    async with connected(url, broker.hub) as hub, connected(url, broker.centre("sco")) as sco:
        await ensure_stream(hub)
        batch = [Outgoing(str(number), bytes(500_000)) for number in range(5)]
        assert await Publisher(sco).publish("bri.log.sco", batch) == [None] * 5


@pytest.mark.parametrize("scheme", ["tls", "wss"])
async def test_another_ca_is_not_trusted(broker: Secured, tmp_path: Path, scheme: str) -> None:
    """Neither one of its own, nor the system's; the word is about the certificate."""
    url, sco = addresses(broker)[scheme], broker.centre("sco")
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    for other in (tmp_path / "other.pem", None):
        refused = await refusal(url, Access(sco.credentials, "sco", other))
        assert "certificate is not trusted here" in refused


async def test_plain_is_refused(broker: Secured) -> None:
    """A WebSocket without TLS is no way in."""
    assert await refusal(addresses(broker)["ws"], broker.centre("sco"))


async def test_who_asks_for_tls_gets_it_or_nothing(tmp_path: Path) -> None:
    """A broker that says in plain text that it has no TLS is not told who we are."""
    server = NatsServer(tmp_path / "plain")
    server.start()
    try:
        refused = await refusal(f"tls://127.0.0.1:{server.port}", Access())
        assert "does not offer TLS" in refused
    finally:
        server.stop()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_is_of_no_use_is_told(tmp_path: Path, content: str | None) -> None:
    """By its name, before anything is dialled."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NotTrusted, match=r"ca\.pem cannot be used"):
        Access(None, "sco", path).tls()
