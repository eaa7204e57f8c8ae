"""How a process is let in at the broker: by which credentials, and whom it trusts to be the broker.

Rules:
- an inbox carries its owner's name, so that answers to one centre are read by no other;
- an answer goes to the inbox of whoever asked. A reply subject that is something else is a centre's
  that would have the hub say something to others in its name.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

INBOX = "_INBOX"


class NotTrusted(ValueError):
    """The file of certificates that the broker is to be trusted by cannot be used."""


def inbox(name: str) -> str:
    """What the reply subjects of a role or centre begin with."""
    return f"{INBOX}.{name}"


def is_inbox_of(reply: str, centre: str) -> bool:
    """Whether a question of this centre may be answered at `reply`. Clients of a broker that knows
    no roles have inboxes without a name."""
    prefix, _, rest = reply.partition(".")
    owner, _, more = rest.partition(".")
    return prefix == INBOX and bool(owner) and (owner == centre or "." not in more)


@dataclass(frozen=True, slots=True)
class Access:
    """`credentials` is the file that holds them, None for a broker that asks for none; `name` whose
    inbox it is; `ca` a file of certificates (PEM) to trust instead of the system's, None for
    those."""

    credentials: Path | None = None
    name: str = ""
    ca: Path | None = None

    @property
    def inbox(self) -> str:
        """What reply subjects begin with."""
        return inbox(self.name) if self.credentials else INBOX

    def tls(self) -> ssl.SSLContext:
        """How the broker's certificate is verified.

        Raises:
            NotTrusted: the file of certificates is not there, or holds none.
        """
        try:
            return ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or "it holds no certificate"
            raise NotTrusted(f"{self.ca} cannot be used to verify the broker: {reason}") from None


ANYBODY = Access()
"""For a broker that asks nobody who they are."""
