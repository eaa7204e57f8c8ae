"""The tokens by which people and programs are known at a node."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bri_kit.auth import Role
from bri_kit.tokens import Tokens
from bri_node.actor import Actor
from bri_node.store import Store, open_store
from bri_node.tables import TokenRow


def identify(store: Store, centre: str, authorization: str | None) -> Actor:
    """Who sent this Authorization header.

    Raises:
        Unauthenticated: there is no token in it, or one that is not valid here.
    """
    bearer = Tokens(centre, TokenRow.__table__, store).identify(authorization)
    return Actor(bearer.name, bearer.role, bearer.token)


@contextmanager
def tokens_of(data: Path, centre: str) -> Iterator[Tokens]:
    """The tokens of the node whose data directory this is; the node may be running.

    Raises:
        bri_node.store.ForeignData: the directory belongs to another centre.
    """
    store = open_store(data, centre)
    try:
        yield Tokens(centre, TokenRow.__table__, store)
    finally:
        store.close()


def create_token(data: Path, centre: str, role: Role, name: str) -> str:
    """A new token for somebody called `name`, valid until it is revoked. Raises as `tokens_of`."""
    with tokens_of(data, centre) as tokens:
        return tokens.issue(role, name)
