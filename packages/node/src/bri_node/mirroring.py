"""The centre's own log as `bri_exchange` walks it for mirrors, and as harvests go on in it.

Rules:
- a record stands where its newest entry stands, and what it says is what that entry published,
  whatever an editor is doing with it now;
- the log is a chain, so a position needs no epoch but its own hash: whoever names it is told
  whether the log that he followed is still this one. It is not where a node that was restored from
  a backup wrote other entries under numbers that it had given out (ADR 12).
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from bri.log.v1 import log_pb2
from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from bri_exchange.mirroring import PUBLISHED, RETRACTED, UNREADABLE, Change, ChangeLog
from bri_kit import content, log
from bri_kit.set_aside import Revision, write_each
from bri_node import journal
from bri_node.domain import State
from bri_node.store import Store
from bri_node.tables import EntryRow, RecordRow

_EPOCH_BYTES = 16
"""Of a hash: as much as tells two logs apart."""


def newest() -> ColumnElement[bool]:
    """What joins a record with the newest entry about it."""
    return (col(RecordRow.id) == col(EntryRow.record_id)) & (
        col(RecordRow.entry_number) == col(EntryRow.number)
    )


def epoch_at(session: Session, number: int) -> str:
    """What a position is known by: the beginning of its entry's hash, hexadecimal; empty where
    there is no such entry."""
    if number == 0:
        return log.GENESIS[:_EPOCH_BYTES].hex()
    query = select(col(EntryRow.hash)).where(col(EntryRow.number) == number)
    found = session.scalars(query).first()
    return found[:_EPOCH_BYTES].hex() if found else ""


def holds(session: Session, epoch: str, number: int) -> bool:
    """Whether everything up to `number`, reached in `epoch` (in any, where that is empty), is still
    what it was."""
    if number == 0:
        return True
    if not epoch:
        return number <= journal.head_number(session)
    return epoch == epoch_at(session, number)


def document_of(entry: log_pb2.Entry) -> dict[str, Any]:
    """What an entry published, as the public API shows it; its bodies were sanitised before it was
    signed."""
    return content.to_json(entry.published, State.PUBLISHED)


@dataclass(frozen=True, slots=True)
class NodeLog:
    """The log as one session sees it."""

    session: Session

    def head(self) -> int:
        """The newest entry's number."""
        return journal.head_number(self.session)

    def epoch_at(self, number: int) -> str:
        """The hash of the entry at `number`."""
        return epoch_at(self.session, number)

    def holds(self, epoch: str, number: int) -> bool:
        """Whether the log is still the one that has this position."""
        return holds(self.session, epoch, number)

    def walk(self, after: int, limit: int | None = None) -> Generator[Change, None, None]:
        """The newest change of each record beyond `after`."""
        query = (
            select(
                col(EntryRow.number),
                col(EntryRow.record_id),
                col(EntryRow.written_at),
                col(EntryRow.envelope),
            )
            .join(RecordRow, newest())
            .where(col(EntryRow.number) > after)
            .order_by(col(EntryRow.number))
            .limit(limit)
        )
        with self.session.execute(query.execution_options(yield_per=50)) as rows:
            yield from write_each(
                "changes", map(Line._make, rows), _change, _revision_of, _unreadable
            )


def opening(store: Store) -> Callable[[], AbstractContextManager[ChangeLog]]:
    """What opens the log of a node's database, in one state of it."""

    @contextmanager
    def open_log() -> Iterator[NodeLog]:
        with store.reading() as session:
            yield NodeLog(session)

    return open_log


def first_at(store: Store) -> str:
    """When the log began (RFC 3339); empty where it has not."""
    with store.reading() as session:
        first = journal.find(session, 1)
    return first.written_at if first else ""


class Line(NamedTuple):
    """An entry as it is stored."""

    number: int
    record_id: str
    written_at: str
    envelope: bytes


def _revision_of(line: Line) -> Revision:
    return Revision(line.record_id, line.number)


def _unreadable(line: Line) -> Change:
    record_id, size = line.record_id, len(line.envelope)
    return Change(line.number, record_id, content.centre_of(record_id), UNREADABLE, size=size)


def _change(line: Line) -> Change:
    number, size = line.number, len(line.envelope)
    entry = log_pb2.Entry.FromString(log_pb2.SignedEntry.FromString(line.envelope).entry)
    if entry.HasField("published"):
        document = document_of(entry)
        record_id, centre = document["id"], document["centre"]
        return Change(number, record_id, centre, PUBLISHED, record=document, size=size)
    gone = entry.retracted
    record_id, centre = gone.record_id, content.centre_of(gone.record_id)
    tombstone = {
        "id": record_id,
        "centre": centre,
        "revision": gone.revision,
        "retracted_at": line.written_at,
        "reason": gone.reason,
    }
    return Change(number, record_id, centre, RETRACTED, tombstone=tombstone, size=size)
