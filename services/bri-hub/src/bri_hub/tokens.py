"""Tokens of the hub's own staff, made while the hub runs or before."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from bri_hub.stafftables import Token
from bri_hub.tables import open_database
from bri_kit import auth, database
from bri_kit.tokens import Bearer, Tokens

ISSUER = "hub"


@dataclass(frozen=True, slots=True)
class _Sessions:
    """The hub's database as `Tokens` uses it."""

    engine: Engine

    def reading(self) -> AbstractContextManager[Session]:
        return database.reading(self.engine)

    def writing(self) -> AbstractContextManager[Session]:
        return database.writing(self.engine)


def identify(engine: Engine, authorization: str | None) -> Bearer:
    """Who sent this Authorization header.

    Raises:
        Unauthenticated: there is no token in it, or one that is not valid here.
    """
    return Tokens(ISSUER, Token.__table__, _Sessions(engine)).identify(authorization)


@contextmanager
def tokens_of(data: Path) -> Iterator[Tokens]:
    """The tokens of the hub whose data is in this folder; the hub may be running."""
    engine = open_database(data)
    try:
        yield Tokens(ISSUER, Token.__table__, _Sessions(engine))
    finally:
        engine.dispose()


def create_token(data_dir: Path, role: str, name: str) -> str:
    """A new bearer token, shown only now. `role` is `contributor`, `editor` or `admin`.

    Raises:
        KeyError: there is no such role.
    """
    with tokens_of(data_dir) as tokens:
        return tokens.issue(auth.Role[role.upper()], name)
