"""The tokens of one issuer, a centre or the hub: made, known again, listed, revoked.

Rules:
- a token is shown once, when it is made; what is kept is its hash, and people name it by the first
  characters of that;
- each request asks the database, so a token that was revoked or has expired, in whatever process,
  is refused from then on;
- a revoked token stays in the list: what it did may have to be explained;
- when a token was last used is written once in USED_EVERY and never in the way: a request does not
  fail because it could not be noted.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bri_kit import auth, clock
from bri_kit.auth import Role
from bri_kit.errors import NotFound, Unauthenticated

USED_EVERY = timedelta(minutes=5)
ID_LENGTH = 12
_MIN_ID_LENGTH = 6

logger = structlog.get_logger()


class Sessions(Protocol):
    """Where a database is read and written."""

    def reading(self) -> AbstractContextManager[Session]: ...

    def writing(self) -> AbstractContextManager[Session]: ...


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who showed a valid token; `token` is its hash."""

    name: str
    role: Role
    token: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a token; times are RFC 3339 in UTC."""

    hash: str
    name: str
    role: Role
    created_at: str
    expires_at: str | None
    used_at: str | None
    revoked_at: str | None

    @property
    def id(self) -> str:
        """What people call the token by."""
        return self.hash[:ID_LENGTH]

    @property
    def state(self) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= clock.timestamp() else "valid"


class Tokens:
    """The tokens that `issuer` gave out, kept in `table`. Its methods may be called from any
    thread."""

    def __init__(self, issuer: str, table: Table, sessions: Sessions) -> None:
        self._issuer = issuer
        self._table = table
        self._sessions = sessions

    def identify(self, authorization: str | None) -> Bearer:
        """Who sent this Authorization header.

        Raises:
            Unauthenticated: there is no token in it, or one that is not valid here (any more).
        """
        hash_ = auth.token_hash(auth.read_bearer(authorization, self._issuer))
        with self._sessions.reading() as session:
            kept = self._find(session, hash_)
        if kept is None:
            raise Unauthenticated("This token is not known here.")
        if kept.state != "valid":
            raise Unauthenticated(f"This token is {kept.state}.")
        self._note_use(kept)
        return Bearer(kept.name, kept.role, hash_)

    def issue(self, role: Role, name: str, expires_at: str | None = None) -> str:
        """A new token for somebody called `name`, valid until `expires_at` or until revoked."""
        token = auth.new_token(self._issuer)
        values = {
            "hash": auth.token_hash(token),
            "name": name,
            "role": int(role),
            "created_at": clock.timestamp(),
            "expires_at": expires_at,
        }
        with self._sessions.writing() as session:
            session.connection().execute(insert(self._table).values(values))
        return token

    def listed(self) -> list[Kept]:
        """All that were ever issued, the oldest first."""
        query = select(self._table).order_by(self._table.c.created_at, self._table.c.hash)
        with self._sessions.reading() as session:
            return [_kept(row) for row in session.connection().execute(query)]

    def revoke(self, token: str) -> Kept:
        """Make a token invalid for ever; `token` is its id, or the token itself. One that was
        revoked before stays as it is.

        Raises:
            NotFound: no token, or more than one, is called so.
        """
        hash_ = auth.token_hash(token) if token.startswith("bri_") else token.lower()
        found = [each for each in self.listed() if _is_called(each, hash_)]
        if len(found) != 1:
            raise NotFound(f"{len(found) or 'no'} tokens of {self._issuer!r} are called so")
        with self._sessions.writing() as session:
            self._set(session, found[0].hash, "revoked_at")
            kept = self._find(session, found[0].hash)
        assert kept is not None
        return kept

    def _set(self, session: Session, hash_: str, column: str) -> None:
        table, now = self._table, clock.timestamp()
        change = update(table).where(table.c.hash == hash_).values({column: now})
        if column == "revoked_at":
            change = change.where(table.c.revoked_at.is_(None))
        session.connection().execute(change)

    def _find(self, session: Session, hash_: str) -> Kept | None:
        query = select(self._table).where(self._table.c.hash == hash_)
        row = session.connection().execute(query).first()
        return None if row is None else _kept(row)

    def _note_use(self, kept: Kept) -> None:
        if kept.used_at and datetime.now(UTC) - datetime.fromisoformat(kept.used_at) < USED_EVERY:
            return
        try:
            with self._sessions.writing() as session:
                self._set(session, kept.hash, "used_at")
        except SQLAlchemyError as error:
            logger.warning("token.use_not_noted", token=kept.id, error=type(error).__name__)


def _is_called(kept: Kept, name: str) -> bool:
    return len(name) >= _MIN_ID_LENGTH and kept.hash.startswith(name)


def _kept(row: Any) -> Kept:
    return Kept(
        hash=row.hash,
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
