"""Letters on their way, through one mail server that is named by the settings.

Rules:
- what went wrong with the server is one thing (`MailAway`): everything waits; what is wrong with
  one address is another (`AddressRefused`): nobody else waits for it;
- a letter that goes again has the same Message-ID, so that a mailbox may show it once;
- an address is one line and plain ASCII: nothing in it could become another header or recipient;
- every digest names its one-click way out (RFC 2369, RFC 8058), and says that a machine wrote it
  (RFC 3834), so that no absence note comes back.
"""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import aiosmtplib
import email_validator

from bri_hub.settings import HubSettings
from bri_kit.clock import now
from bri_kit.errors import InvalidInput
from bri_pages.alerts import NO_ADDRESS
from bri_pages.letters import Letter

SECONDS = 20.0
"""How long the mail server may take for one answer."""

_LONGEST_ADDRESS = 254
_PERMANENT = 500


class MailAway(Exception):
    """The mail server takes nothing at the moment."""


class AddressRefused(Exception):
    """The mail server does not take letters to this address; `is_final` where it says for good."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


def read_address(text: str) -> str:
    """An e-mail address as it is written to.

    Raises:
        InvalidInput: it is none, or one that not every mail server takes.
    """
    if len(text) > _LONGEST_ADDRESS or not text.isprintable():
        raise InvalidInput(NO_ADDRESS)
    try:
        found = email_validator.validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except email_validator.EmailNotValidError:
        raise InvalidInput(NO_ADDRESS) from None
    return found.ascii_email or found.normalized


class Mailer:
    """Sends letters. Belongs to one event loop."""

    def __init__(self, settings: HubSettings) -> None:
        self._settings = settings
        self._domain = settings.smtp_sender.rpartition("@")[2].strip("> ") or "localhost"

    @property
    def is_on(self) -> bool:
        """Whether the settings name a server and a sender."""
        return bool(self._settings.smtp_host and self._settings.smtp_sender)

    async def send(
        self, address: str, name: str, letter: Letter, letter_id: str, leave: str = ""
    ) -> None:
        """Send `letter` from us, under our `name`, to `address`; `leave` is where one click ends
        it.

        Raises:
            MailAway, AddressRefused: as above.
        """
        message = self._message(address, name, letter, letter_id, leave)
        try:
            await aiosmtplib.send(message, **self._server())
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            first = refusal.recipients[0]
            raise AddressRefused(first.message, is_final=first.code >= _PERMANENT) from None
        except aiosmtplib.SMTPDataError as refusal:
            # This letter is refused, and not the next one.
            raise AddressRefused(refusal.message, is_final=False) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailAway(str(error) or type(error).__name__) from None

    def _server(self) -> dict[str, Any]:
        settings = self._settings
        password = settings.smtp_password.get_secret_value()
        return {
            "hostname": settings.smtp_host,
            "port": settings.smtp_port,
            "username": settings.smtp_user or None,
            "password": password or None,
            "use_tls": settings.smtp_security == "ssl",
            "start_tls": settings.smtp_security == "starttls",
            "timeout": SECONDS,
        }

    def _message(
        self, address: str, name: str, letter: Letter, letter_id: str, leave: str
    ) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(name, addr_spec=self._settings.smtp_sender)
        message["To"] = Address(addr_spec=address)
        message["Subject"] = letter.subject
        message["Date"] = now()
        message["Message-ID"] = f"<{letter_id}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        if leave:
            message["List-Unsubscribe"] = f"<{leave}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text, cte="base64")
        message.add_alternative(letter.html, subtype="html", cte="base64")
        return message
