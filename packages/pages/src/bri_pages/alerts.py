"""What pages ask of whoever sends alerts; a site that sends none has feeds alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.types import Scope

RHYTHMS = ("immediately", "daily", "weekly")


def N_(text: str) -> str:  # noqa: N802 - gettext's name
    """Marks a text to be translated where it is shown."""
    return text


NO_ADDRESS = N_("This is no e-mail address that we could write to.")
NO_RHYTHM = N_("Please choose how often.")
NO_HOOK = N_("This is no address of a service on the internet.")
NO_ANSWER = N_("Your service did not answer the challenge with the proof that it has the key.")
TOO_OFTEN = N_("That was too often. Please try again in an hour.")
TOO_MUCH = N_("This address follows as much as one address can. Stop following something first.")
"""What is said of a wish that is not taken."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader wants to follow: `asked` is the query part of a search's address; `target` is
    an e-mail address or a webhook's, `rhythm` one of RHYTHMS."""

    asked: str
    language: str
    target: str
    rhythm: str = "immediately"


@dataclass(frozen=True, slots=True)
class Followed:
    """A subscription, as its owner sees it. `secret` is in the addresses by which it is changed;
    `is_unproven` is a webhook that has not begun yet."""

    asked: str
    channel: str
    target: str
    rhythm: str
    secret: str
    is_suspended: bool = False
    is_unproven: bool = False


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that was just asked for; `key` signs what it gets and is shown once, to whoever
    asked. By `secret` it is begun, changed and ended."""

    secret: str
    key: str


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a letter tells. `kind` is new, revised, amended or retracted; `differences`
    are codes with what belongs to them, as `telling` words them."""

    kind: str
    record_id: str
    titles: Mapping[str, str]
    differences: Sequence[Sequence[Any]] = field(default_factory=tuple)


class Alerts(Protocol):
    """Takes wishes and keeps subscriptions. Errors are those of `bri_kit.errors`."""

    @property
    def channels(self) -> Sequence[str]:
        """How readers can be told: `mail`, `webhook`."""

    async def ask_overview(self, secret: str, scope: Scope) -> None:
        """Send the address of a subscription a letter with the link to all that it follows. Raises
        NotFound, or TooManyRequests as `ask`."""

    async def ask(self, wish: Wish, scope: Scope) -> None:
        """Send the address a letter that asks whether it wants this. Raises InvalidInput, or
        TooManyRequests where the client of the request `scope` asks too often."""

    async def add_hook(self, wish: Wish, scope: Scope) -> Hook:
        """Give out a key and a link for a webhook; its service is not asked yet. Raises as
        `ask`."""

    async def prove_hook(self, secret: str, scope: Scope) -> None:
        """Begin a webhook once its service proves that it has the key; a second time changes
        nothing. Raises NotFound, InvalidInput where it does not, TooManyRequests as `ask`."""

    async def read_wish(self, secret: str) -> Wish:
        """What a letter's link would confirm. Raises NotFound."""

    async def confirm(self, secret: str) -> Followed:
        """Begin what the link confirms; a second time changes nothing. Raises NotFound, or
        InvalidInput where the address follows too much."""

    async def find_followed(self, secret: str) -> Followed:
        """The subscription of a link. Raises NotFound."""

    async def list_followed(self, secret: str) -> Sequence[Followed]:
        """All that an e-mail address follows; the link is one that its mailbox was sent. Raises
        NotFound."""

    async def change(self, secret: str, rhythm: str) -> None:
        """Another rhythm. Raises NotFound, InvalidInput."""

    async def resume(self, secret: str) -> None:
        """Tell again what was given up. Raises NotFound."""

    async def leave(self, secret: str) -> None:
        """Forget the subscription. One that is gone is no error."""

    async def leave_all(self, secret: str) -> None:
        """Forget all that an e-mail address follows, by the link of `list_followed`. Raises
        NotFound."""
