"""The tokens by which people and programs are known at a node.

Rules:
- a token is shown once, when it is made; what is kept is its hash;
- a token says which centre issued it, and one of another centre is told so.
"""

from pathlib import Path

from bri_kit import auth, clock
from bri_kit.auth import Role
from bri_kit.errors import Unauthenticated
from bri_node.actor import Actor
from bri_node.store import Store, open_store
from bri_node.tables import TokenRow


def identify(store: Store, centre: str, authorization: str | None) -> Actor:
    """Who sent this Authorization header.

    Raises:
        Unauthenticated: there is no token in it, or one that is not valid here.
    """
    token = auth.token_hash(auth.read_bearer(authorization, centre))
    with store.reading() as session:
        row = session.get(TokenRow, token)
        if row is None:
            raise Unauthenticated("This token is not known here.")
        return Actor(row.name, Role(row.role), token)


def create_token(data: Path, centre: str, role: Role, name: str) -> str:
    """A new token for somebody called `name`, valid at the node whose data directory this is.

    Raises:
        bri_node.store.ForeignData: the directory belongs to another centre.
    """
    store = open_store(data, centre)
    token = auth.new_token(centre)
    row = TokenRow(
        hash=auth.token_hash(token), name=name, role=int(role), created_at=clock.timestamp()
    )
    try:
        with store.writing() as session:
            session.add(row)
    finally:
        store.close()
    return token
