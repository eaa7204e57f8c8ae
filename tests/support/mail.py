"""A real SMTP server on a port of its own, which keeps what it takes."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support.site import free_port
from tests.support.waiting import eventually

_LINK = re.compile(r"http://\S+")


class MailServer:
    """Start it, stop it, start it again on the same port. `refused` maps addresses to answers.
    With `tls` it asks for STARTTLS first, or speaks nothing else where `is_implicit`; with
    `password` it lets in nobody else."""

    def __init__(
        self, tls: SSLContext | None = None, *, is_implicit: bool = False, password: str = ""
    ) -> None:
        self._tls, self._is_implicit, self._password = tls, is_implicit, password
        self.passwords: list[str] = []
        self.port = free_port()
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refused: dict[str, str] = {}
        self._controller: Controller | None = None

    def start(self) -> None:
        options: dict[str, Any] = {}
        if self._tls is not None:
            options = {"ssl_context" if self._is_implicit else "tls_context": self._tls}
            options["require_starttls"] = not self._is_implicit
        if self._password:
            options |= {"authenticator": self._let_in, "auth_required": True}
            # The library knows STARTTLS alone as TLS.
            options["auth_require_tls"] = not self._is_implicit
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def _let_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: Any
    ) -> AuthResult:
        password = bytes(told.password).decode()
        self.passwords.append(password)
        return AuthResult(success=password == self._password, handled=False)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        letter = email.message_from_bytes(content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.recipients.append(list(envelope.rcpt_tos))
        self.letters.append(letter)
        return "250 OK"

    async def letter(self, number: int = 1) -> EmailMessage:
        """Wait until so many letters came; the last of them."""

        async def count() -> int:
            return len(self.letters)

        await eventually(count, lambda found: found >= number)
        return self.letters[number - 1]


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    """The plain text, or the `html`, of a letter."""
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def links_of(letter: EmailMessage) -> list[str]:
    """The addresses in a letter's plain text, in order."""
    return _LINK.findall(text_of(letter))
