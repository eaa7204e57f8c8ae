"""Tokens of the hub's own staff, made while the hub runs or before."""

from pathlib import Path

from bri_hub.tables import Token, open_database
from bri_kit import auth, database
from bri_kit.clock import timestamp

ISSUER = "hub"


def create_token(data_dir: Path, role: str, name: str) -> str:
    """A new bearer token, shown only now. `role` is `contributor`, `editor` or `admin`.

    Raises:
        KeyError: there is no such role.
    """
    token = auth.new_token(ISSUER)
    row = Token(
        hash=auth.token_hash(token),
        role=auth.Role[role.upper()],
        name=name,
        created_at=timestamp(),
    )
    engine = open_database(data_dir)
    try:
        with database.writing(engine) as session:
            session.add(row)
    finally:
        engine.dispose()
    return token
