"""Mail servers as they are: with TLS and passwords, and with what can be wrong about both."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from bri_hub.alerts.mailing import MailAway, Mailer
from bri_hub.settings import HubSettings
from bri_pages.letters import Letter
from tests.support.mail import MailServer, text_of

# The library does not know that a line may be encrypted from its first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

LETTER = Letter(subject="Ново: 固体废物", text="Отходы", html="<p>Отходы</p>")
READER = "reader@bureau.example"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Trusted by this process, as by a machine whose administrator wants it so."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


@contextmanager
def a_server(authority: trustme.CA, *, is_implicit: bool = False) -> Iterator[MailServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = MailServer(context, is_implicit=is_implicit, password="right")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def a_mailer(tmp_path: Path, server: MailServer, **settings: str) -> Mailer:
    values = {"smtp_security": "starttls", "smtp_user": "hub", "smtp_password": "right"} | settings
    return Mailer(
        HubSettings.model_validate(
            {
                "data": tmp_path,
                "smtp_host": "127.0.0.1",
                "smtp_port": server.port,
                "smtp_sender": "hub@hub.example",
                **values,
            }
        )
    )


@pytest.mark.parametrize(("security", "is_implicit"), [("starttls", False), ("ssl", True)])
async def test_a_letter_goes_by_tls_and_with_a_password(
    tmp_path: Path, authority: trustme.CA, security: str, is_implicit: bool
) -> None:
    """Begun on a plain line, or encrypted from the first byte."""
    with a_server(authority, is_implicit=is_implicit) as server:
        mailer = a_mailer(tmp_path, server, smtp_security=security)
        await mailer.send(READER, "枢纽", LETTER, "1")
        [letter] = server.letters
    assert letter["Subject"] == LETTER.subject
    assert text_of(letter).strip() == LETTER.text
    assert server.passwords == ["right"]


async def test_a_wrong_password_leaves_everything_waiting(
    tmp_path: Path, authority: trustme.CA
) -> None:
    """It is the server's and the operator's affair, and no address is at fault."""
    with a_server(authority) as server:
        with pytest.raises(MailAway):
            await a_mailer(tmp_path, server, smtp_password="wrong").send(READER, "Hub", LETTER, "1")
        assert server.letters == []


@pytest.mark.parametrize(("security", "is_implicit"), [("starttls", False), ("ssl", True)])
async def test_a_stranger_is_told_no_password(
    tmp_path: Path, authority: trustme.CA, security: str, is_implicit: bool
) -> None:
    """A certificate that nobody vouches for ends it before anything is said."""
    with a_server(trustme.CA(), is_implicit=is_implicit) as server:
        mailer = a_mailer(tmp_path, server, smtp_security=security)
        with pytest.raises(MailAway):
            await mailer.send(READER, "Hub", LETTER, "1")
        assert server.passwords == []


async def test_a_line_that_stays_plain_is_not_used(tmp_path: Path, authority: trustme.CA) -> None:
    """Where STARTTLS is asked for, a server that has none (or somebody between us who took it out
    of its greeting) gets neither password nor letter."""
    server = MailServer()
    server.start()
    try:
        with pytest.raises(MailAway):
            await a_mailer(tmp_path, server).send(READER, "Hub", LETTER, "1")
        assert server.letters == []
    finally:
        server.stop()
