"""Who is signed in: sessions that the server keeps and the browser knows by a random value.

Rules:
- of the value only the SHA-256 hash is kept; it has 256 random bits, so it needs no salt;
- a session ends when it was not used for a while, when it has lasted long enough, when its user is
  disabled, and when it is told to; which one it was makes no difference to the browser;
- when it was last used is written once in USED_EVERY;
- the token in every form (against cross-site request forgery, CWE-352) is made from the cookie's
  value, which no other site can read, and is of no use without it.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bri_kit import clock
from bri_node.desk.users import User, to_user
from bri_node.desktables import DeskSessionRow, DeskUserRow
from bri_node.store import Store

USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a session lasts: unused, and at most."""

    idle: timedelta
    longest: timedelta


def new_secret() -> str:
    """A value for a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a cookie's value."""
    return sha256(secret.encode()).hexdigest()


def form_token(secret: str) -> str:
    """What a form carries to show that it is of a page that the cookie's owner was given."""
    return hmac.new(secret.encode(), b"form", sha256).hexdigest()


def is_form_token(secret: str, token: str) -> bool:
    """Whether `token` is that of the cookie's value."""
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), token.encode())


def begin(session: Session, user: User, lasting: Lasting) -> str:
    """Sign a user in; answers the cookie's value. Sessions that are over go."""
    now = clock.now()
    over = col(DeskSessionRow.expires_at) < clock.rfc3339(now)
    session.connection().execute(delete(DeskSessionRow.__table__).where(over))
    secret = new_secret()
    session.add(
        DeskSessionRow(
            hash=hash_of(secret),
            user_id=user.id,
            created_at=clock.rfc3339(now),
            used_at=clock.rfc3339(now),
            expires_at=clock.rfc3339(now + lasting.longest),
        )
    )
    return secret


def recognise(store: Store, secret: str, lasting: Lasting) -> User | None:
    """Who is signed in with this value of the cookie."""
    if not secret:
        return None
    now = clock.now()
    query = select(DeskSessionRow, DeskUserRow).where(
        col(DeskSessionRow.user_id) == col(DeskUserRow.id),
        col(DeskSessionRow.hash) == hash_of(secret),
        col(DeskUserRow.disabled_at).is_(None),
        col(DeskSessionRow.expires_at) > clock.rfc3339(now),
        col(DeskSessionRow.used_at) > clock.rfc3339(now - lasting.idle),
    )
    with store.reading() as session:
        found = session.exec(query).first()
        if found is None:
            return None
        kept, user = found[0], to_user(found[1])
        used_at = datetime.fromisoformat(kept.used_at)
    if now - used_at > USED_EVERY:
        _note_use(store, secret, clock.rfc3339(now))
    return user


def _note_use(store: Store, secret: str, at: str) -> None:
    with store.writing() as session:
        kept = session.get(DeskSessionRow, hash_of(secret))
        if kept is not None:
            kept.used_at = at


def end(session: Session, secret: str) -> None:
    """Sign out here."""
    this = col(DeskSessionRow.hash) == hash_of(secret)
    session.connection().execute(delete(DeskSessionRow.__table__).where(this))
