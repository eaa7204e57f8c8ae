"""Epochs of the change log: which of its lives a cursor was reached in.

Rules:
- every start of the hub begins an epoch, at the head that it finds;
- a cursor holds exactly if its epoch is known and had not ended before the cursor: what came after
  the head at which the next epoch began was lost with a restore, and its numbers are used again;
- 0 holds always, and a cursor without an epoch if its number is not beyond the head.
"""

from sqlmodel import Session, col, select
from ulid import ULID

from bri_hub.repository import changelog
from bri_hub.tables import Epoch
from bri_kit.clock import timestamp


def begin(session: Session) -> str:
    """Begin an epoch at the present head; answers its name."""
    epoch = Epoch(id=str(ULID()), began_at=changelog.head(session), at=timestamp())
    session.add(epoch)
    return epoch.id


def current(session: Session) -> str:
    """The epoch that lasts; empty where none was begun."""
    query = select(Epoch.id).order_by(col(Epoch.number).desc()).limit(1)
    return session.exec(query).one_or_none() or ""


def first_at(session: Session) -> str:
    """When the first began (RFC 3339); empty where none was begun."""
    query = select(Epoch.at).order_by(col(Epoch.number)).limit(1)
    return session.exec(query).one_or_none() or ""


def holds(session: Session, epoch: str, cursor: int) -> bool:
    """Whether everything up to `cursor`, reached in `epoch`, is still what it was."""
    if cursor == 0:
        return True
    if not epoch:
        return cursor <= changelog.head(session)
    number = session.exec(select(Epoch.number).where(Epoch.id == epoch)).one_or_none()
    if number is None:
        return False
    following = select(Epoch.began_at).where(col(Epoch.number) > number)
    end = session.exec(following.order_by(col(Epoch.number)).limit(1)).one_or_none()
    return cursor <= (changelog.head(session) if end is None else end)
