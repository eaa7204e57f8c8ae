"""Who may sign in at the desk.

Rules:
- a password is kept as argon2id makes it, and checked in the same time whether or not there is such
  a user;
- names are unique, whatever their case; the name that others read is unique too, so that a record's
  history says who it was;
- a disabled user keeps their name: what they did may have to be explained; their sessions end;
- whoever an identity provider vouches for has the role that it gives them, at each sign-in.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pwdlib import PasswordHash
from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from bri_kit import clock
from bri_kit.auth import Role
from bri_kit.content import has_control_character
from bri_kit.errors import AlreadyExists, FieldError, InvalidInput, NotFound
from bri_node.actor import Actor
from bri_node.desktables import DeskSessionRow, DeskUserRow
from bri_node.store import Store, open_store

MIN_PASSWORD, MAX_PASSWORD = 10, 1_000
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in; `language` is that of their desk, empty for the browser's."""

    id: int
    name: str
    shown: str
    role: Role
    language: str

    @property
    def is_editor(self) -> bool:
        return self.role >= Role.EDITOR

    @property
    def actor(self) -> Actor:
        """This person as the node's rules know them."""
        return Actor(self.shown, self.role, f"desk {self.id}")


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    """A hash that no password has, to be as slow for a user that there is not."""
    return _hasher().hash("\0")


def to_user(row: DeskUserRow) -> User:
    """The user that a row tells."""
    assert row.id is not None
    return User(row.id, row.name, row.shown, Role(row.role), row.language)


def folded(name: str) -> str:
    """A name as it is kept and looked up."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def create(session: Session, name: str, shown: str, role: Role, password: str) -> User:
    """A new user.

    Raises:
        InvalidInput: the name or the password cannot be taken.
        AlreadyExists: one of the names is taken.
    """
    name, shown = folded(name), " ".join(shown.split()) or name.strip()
    for field, text in (("name", name), ("shown", shown)):
        if not text or len(text) > MAX_NAME or has_control_character(text):
            fault = FieldError(field, f"must have 1 to {MAX_NAME} characters, and no others")
            raise InvalidInput("The name cannot be taken.", [fault])
    _refuse_taken(session, name, shown)
    row = DeskUserRow(
        name=name, shown=shown, role=role.value, password=hashed(password), created_at=_now()
    )
    session.add(row)
    session.flush()
    return to_user(row)


def _refuse_taken(session: Session, name: str, shown: str) -> None:
    taken = select(DeskUserRow.name).where(
        (col(DeskUserRow.name) == name) | (col(DeskUserRow.shown) == shown)
    )
    if session.exec(taken).first() is not None:
        raise AlreadyExists(f"There is a user {name!r} or one shown as {shown!r} already.")


def hashed(password: str) -> str:
    """A password as it is kept.

    Raises:
        InvalidInput: it is too short or too long.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        message = f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters"
        raise InvalidInput("The password cannot be taken.", [FieldError("password", message)])
    return _hasher().hash(password)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is kept to verify a password by; `user` is None for nobody and for the disabled."""

    user: User | None
    password: str | None


def find_credentials(session: Session, name: str) -> Credentials:
    """What a password for this name is verified by."""
    row = session.exec(select(DeskUserRow).where(DeskUserRow.name == folded(name[:500]))).first()
    if row is None or not row.password:
        return Credentials(None, None)
    return Credentials(None if row.disabled_at is not None else to_user(row), row.password)


def is_password(credentials: Credentials, password: str) -> bool:
    """Whether the password is right; takes the same time whoever it is for. No database session is
    to be open meanwhile."""
    is_right = _hasher().verify(password[:MAX_PASSWORD], credentials.password or _nobodys())
    return is_right and len(password) <= MAX_PASSWORD and credentials.password is not None


def find(session: Session, name: str) -> DeskUserRow:
    """The user with this name. Raises NotFound."""
    row = session.exec(select(DeskUserRow).where(DeskUserRow.name == folded(name))).first()
    if row is None:
        raise NotFound(f"There is no user {name!r}.")
    return row


def listed(session: Session) -> Sequence[DeskUserRow]:
    """All users, by name."""
    return session.exec(select(DeskUserRow).order_by(col(DeskUserRow.name))).all()


def set_password(session: Session, name: str, password: str) -> None:
    """Give a user another password; who is signed in as them is no more. Raises NotFound,
    InvalidInput."""
    row = find(session, name)
    row.password = hashed(password)
    end_sessions(session, row.id)


def disable(session: Session, name: str) -> None:
    """Let a user in no more, at once. Raises NotFound."""
    row = find(session, name)
    row.disabled_at = row.disabled_at or _now()
    end_sessions(session, row.id)


def end_sessions(session: Session, user_id: int | None) -> None:
    """Sign a user out everywhere."""
    theirs = col(DeskSessionRow.user_id) == user_id
    session.connection().execute(delete(DeskSessionRow.__table__).where(theirs))


def choose_language(session: Session, user: User, language: str) -> None:
    """Keep the language of a user's desk."""
    row = session.get_one(DeskUserRow, user.id)
    row.language = language


def vouched(session: Session, subject: str, name: str, shown: str, role: Role) -> User | None:
    """The user whom an identity provider knows by `subject`, new where they come first; None where
    they are disabled here."""
    row = session.exec(select(DeskUserRow).where(DeskUserRow.subject == subject)).first()
    if row is None:
        name, shown = _free(session, folded(name)[:80], " ".join(shown.split())[:80])
        row = DeskUserRow(
            name=name, shown=shown, role=role.value, subject=subject, created_at=_now()
        )
        session.add(row)
    row.role = role.value
    session.flush()
    return None if row.disabled_at is not None else to_user(row)


def _free(session: Session, name: str, shown: str) -> tuple[str, str]:
    """These names, with a number after them where somebody has them."""
    name, shown = name or "user", shown or name or "user"
    count = session.exec(select(func.count()).select_from(DeskUserRow)).one()
    try:
        _refuse_taken(session, name, shown)
    except AlreadyExists:
        return f"{name} {count + 1}", f"{shown} {count + 1}"
    return name, shown


@contextmanager
def store_of(data: Path, centre: str) -> Iterator[Store]:
    """The database of the node whose data directory this is; the node may be running.

    Raises:
        bri_node.store.ForeignData: the directory belongs to another centre.
    """
    store = open_store(data, centre)
    try:
        yield store
    finally:
        store.close()


def _now() -> str:
    return clock.timestamp()
