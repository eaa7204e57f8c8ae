"""Taking back entries of our own that our database lost, and that others kept.

Rules:
- whoever calls has verified the entries: they are signed by our key and follow our head;
- what they did to records is done again: what readers see is what was published, as it was signed;
- entries that were written here since, under numbers that were used already, were never sent. They
  are put aside, and written again after the log is whole, under numbers of their own;
- all of one call is one transaction of the caller's.
"""

from collections.abc import Sequence

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from bri_kit import clock, log
from bri_kit.trust import Candidate
from bri_node import journal, keys, mapping, repository
from bri_node.domain import Action, State
from bri_node.keys import Seal
from bri_node.store import announce_entries
from bri_node.tables import (
    DisplacedRow,
    EntryRow,
    HistoryRow,
    LogHead,
    RangeDigestRow,
    ReceiptRow,
    RecordRow,
)

ACTOR = "recovered from the hub"
"""Who a record's history names for what was taken back."""


def displace(session: Session, number: int) -> int:
    """Put aside all entries beyond `number`; answers how many there were."""
    head = journal.take_head(session)
    rows = journal.page(session, number, head.number - number)
    for row in rows:
        session.add(DisplacedRow(number=row.number, envelope=row.envelope))
    session.flush()
    connection = session.connection()
    connection.execute(delete(EntryRow.__table__).where(col(EntryRow.number) > number))
    connection.execute(delete(ReceiptRow.__table__).where(col(ReceiptRow.number) > number))
    connection.execute(delete(RangeDigestRow.__table__))
    last = journal.find(session, number)
    head.number, head.hash = number, last.hash if last else log.GENESIS
    return len(rows)


def adopt(session: Session, seal: Seal, candidates: Sequence[Candidate]) -> None:
    """Lengthen the log by entries that follow its head, and do to records what they did."""
    head = journal.take_head(session)
    rows = [_row(each) for each in candidates]
    session.connection().execute(insert(EntryRow.__table__), rows)
    for each in candidates:
        if each.entry.HasField("rotated"):
            keys.hand_over(session, seal, each.number, each.entry.rotated.key)
        else:
            _do_again(session, each)
    head.number, head.hash = candidates[-1].number, candidates[-1].hash
    announce_entries(session)


def _row(each: Candidate) -> dict[str, object]:
    return {
        "number": each.number,
        "record_id": log.record_id(each.entry),
        "hash": each.hash,
        "written_at": each.entry.written_at,
        "envelope": each.envelope.SerializeToString(),
    }


def _do_again(session: Session, each: Candidate) -> None:
    entry, at = each.entry, each.entry.written_at
    if entry.HasField("rotated"):
        keys.adopt_rotation(session, each.key, each.number, entry.rotated.key)
        return
    row = repository.find(session, log.record_id(entry))
    if entry.HasField("published"):
        row = _publish(session, row, entry.published, at)
        action = Action.PUBLISH
    elif row is not None:
        row.state, row.updated_at = State.RETRACTED.value, at
        row.retracted_at, row.reason = at, entry.retracted.reason
        action = Action.RETRACT
    else:
        return
    row.entry_number = each.number
    session.add(_history(row, action, at))
    session.flush()


def _publish(
    session: Session, row: RecordRow | None, record: content_pb2.Record, at: str
) -> RecordRow:
    created = row.created_at if row else at
    if row is None:
        row = RecordRow(
            id=record.id,
            revision=record.revision,
            state=State.PUBLISHED.value,
            created_at=at,
            updated_at=at,
            content=b"",
            **mapping.filterable(record, at),
        )
        session.add(row)
    row.state, row.updated_at = State.PUBLISHED.value, at
    row.revision = max(row.revision, record.revision)
    row.published_at = record.dates.published or at
    row.retracted_at = row.reason = None
    row.content = record.SerializeToString()
    for name, value in mapping.filterable(record, created).items():
        setattr(row, name, value)
    session.flush()
    repository.replace_tags(session, row.id, mapping.tags(record))
    return row


def _history(row: RecordRow, action: Action, at: str) -> HistoryRow:
    return HistoryRow(
        record_id=row.id,
        revision=row.revision,
        state=row.state,
        action=action.value,
        at=at,
        actor=ACTOR,
        reason=row.reason if action is Action.RETRACT else None,
    )


def is_displaced(session: Session) -> bool:
    """Whether anything was put aside."""
    return session.exec(select(DisplacedRow.number).limit(1)).one_or_none() is not None


def replace_displaced(session: Session, seal: Seal) -> int:
    """Write again what was put aside, after everything else; answers how many entries that made."""
    head = journal.take_head(session)
    at = clock.timestamp()
    rows = session.exec(select(DisplacedRow).order_by(col(DisplacedRow.number))).all()
    written = 0
    for displaced in rows:
        envelope = log_pb2.SignedEntry.FromString(displaced.envelope)
        entry = log_pb2.Entry.FromString(envelope.entry)
        written += _write_again(session, head, seal, entry, at)
        session.delete(displaced)
    return written


def _write_again(session: Session, head: LogHead, seal: Seal, entry: log_pb2.Entry, at: str) -> int:
    row = repository.find(session, log.record_id(entry))
    if entry.HasField("published"):
        record = entry.published
        known = content_pb2.Record.FromString(row.content).revision if row and row.content else 0
        record.revision = max(record.revision, known + 1)
        row = _publish(session, row, record, at)
    elif row is not None and entry.HasField("retracted"):
        row.state, row.reason = State.RETRACTED.value, entry.retracted.reason
        row.retracted_at = row.retracted_at or at
    else:
        return 0
    [row.entry_number] = journal.append(session, head, seal, [entry], at)
    return 1
