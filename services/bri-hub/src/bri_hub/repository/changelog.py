"""The hub's change log as it is read: the newest change of each record, in order, and the head.

A record moves to the end when it changes, so a reader that goes from cursor to cursor misses
nothing and is told of a record once, however often it changed in the meantime.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bri.log.v1 import log_pb2
from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from bri_hub.domain import CentreState
from bri_hub.repository import stories
from bri_hub.tables import MAX_NUMBER, Centre, Entry, Record

MAX_CHANGES = 500
MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """Changes after a cursor; `head` is the number of the newest there is."""

    changes: Sequence[log_pb2.Change]
    head: int


def head(session: Session) -> int:
    """The number of the newest change; 0 where there is none."""
    return session.exec(select(func.max(Record.change))).one() or 0


def marks(session: Session, cursor: int) -> dict[str, int]:
    """For each centre the number of its last entry up to which everything has taken effect where
    the changes up to `cursor` are shown."""
    following = (
        select(Record.entry_number)
        .where(col(Record.centre) == Centre.code, col(Record.change) > min(cursor, MAX_NUMBER))
        .order_by(col(Record.change))
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(select(Centre.code, Centre.number, following))
    return {code: number if pending is None else pending - 1 for code, number, pending in rows}


def read_changes(session: Session, after: int) -> Page:
    """The next changes after the number `after`: at most MAX_CHANGES, and no more than MAX_BYTES
    unless one alone is larger."""
    query = (
        select(Record.change, Record.id, Centre.state, Entry.envelope)
        .join(Centre, col(Centre.code) == Record.centre)
        .join(
            Entry,
            and_(col(Entry.centre) == Record.centre, col(Entry.number) == Record.entry_number),
        )
        .where(col(Record.change) > min(after, MAX_NUMBER))
        .order_by(col(Record.change))
        .limit(MAX_CHANGES)
    )
    changes: list[log_pb2.Change] = []
    size = 0
    rows = session.execute(query.execution_options(yield_per=50))
    for number, record_id, state, envelope in rows:
        size += len(envelope)
        if changes and size > MAX_BYTES:
            break
        changes.append(
            log_pb2.Change(
                number=number,
                record_id=record_id,
                hidden=state != CentreState.ACTIVE,
                entry=log_pb2.SignedEntry.FromString(envelope),
            )
        )
    rows.close()
    _tell_decisions(session, changes)
    return Page(changes, head(session))


def _tell_decisions(session: Session, changes: Sequence[log_pb2.Change]) -> None:
    decisions = stories.decided(session, {change.record_id for change in changes})
    for change in changes:
        if found := decisions.get(change.record_id):
            change.joined.extend(found.joined)
            change.parted.extend(found.parted)
