"""Who does something here."""

from dataclasses import dataclass

from bri_kit.auth import Role
from bri_kit.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something; `token` is the hash of theirs."""

    name: str
    role: Role
    token: str

    @property
    def is_editor(self) -> bool:
        return self.role >= Role.EDITOR


def require_editor(actor: Actor) -> None:
    """Let only editors pass.

    Raises:
        Forbidden: the actor is not one.
    """
    if not actor.is_editor:
        raise Forbidden("Only an editor may do this; the token's role is contributor.")
