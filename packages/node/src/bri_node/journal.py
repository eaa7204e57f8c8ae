"""The centre's log: entries are sealed and kept in the transaction that changes their records.

Whoever changes records takes the log's head first. That locks it, so that changes follow one
another and numbers have no gaps, on SQLite and on PostgreSQL alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bri.log.v1 import log_pb2
from nacl.signing import SigningKey
from sqlalchemy import insert, select
from sqlmodel import Session, col

from bri_kit import log, signing
from bri_node import keys
from bri_node.keys import Seal
from bri_node.store import announce_entries
from bri_node.tables import EntryRow, KeyRow, LogHead

PAGE_BYTES = 16 * 1024 * 1024
"""A page of entries ends early where its envelopes exceed this."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry as it was kept; `envelope` is the serialised SignedEntry."""

    number: int
    record_id: str
    hash: bytes
    written_at: str
    envelope: bytes


_LINE = (
    col(EntryRow.number),
    col(EntryRow.record_id),
    col(EntryRow.hash),
    col(EntryRow.written_at),
    col(EntryRow.envelope),
)


def take_head(session: Session) -> LogHead:
    """The end of the log, for this transaction alone."""
    return session.scalars(select(LogHead).with_for_update()).one()


def append(
    session: Session, head: LogHead, seal: Seal, entries: Sequence[log_pb2.Entry], at: str
) -> list[int]:
    """Seal `entries`, in their order, and keep them; answers their numbers.

    `head` was taken in this transaction and moves on; `at` is RFC 3339 text in UTC.

    Raises:
        bri_node.keys.KeyLost: the key that signs is not in its file.
        bri_node.gate.LogUnsettled: the log is not whole, so that numbers might be used twice.
    """
    if not entries:
        return []
    seal.gate.check()
    key = keys.signing_key(session, seal)
    rows: list[dict[str, Any]] = []
    number, previous = head.number, head.hash
    for entry in entries:
        number += 1
        envelope = log.seal(
            entry, centre=seal.centre, number=number, previous=previous, at=at, key=key
        )
        previous = log.entry_hash(envelope.entry)
        rows.append(_row(number, log.record_id(entry), previous, at, envelope))
    _keep(session, head, rows)
    return [row["number"] for row in rows]


def append_rotation(session: Session, head: LogHead, seal: Seal, new: SigningKey, at: str) -> int:
    """Hand the log over to the key `new` by an entry that the key in use signs; answers the entry's
    number. `head` and `at` are as in `append`, and so is what is raised."""
    seal.gate.check()
    key, number = keys.signing_key(session, seal), head.number + 1
    envelope = log.seal_rotation(
        new, centre=seal.centre, number=number, previous=head.hash, at=at, key=key
    )
    _keep(session, head, [_row(number, "", log.entry_hash(envelope.entry), at, envelope)])
    keys.hand_over(session, seal, number, signing.public_key(new))
    return number


def _row(
    number: int, record_id: str, hash_: bytes, at: str, envelope: log_pb2.SignedEntry
) -> dict[str, Any]:
    return {
        "number": number,
        "record_id": record_id,
        "hash": hash_,
        "written_at": at,
        "envelope": envelope.SerializeToString(),
    }


def _keep(session: Session, head: LogHead, rows: Sequence[dict[str, Any]]) -> None:
    session.connection().execute(insert(EntryRow.__table__), list(rows))
    head.number, head.hash = rows[-1]["number"], rows[-1]["hash"]
    announce_entries(session)


def rotations(session: Session) -> list[bytes]:
    """The entries by which the centre's keys vouch for each other, oldest first."""
    handed_over = select(col(KeyRow.last)).where(~col(KeyRow.revoked))
    query = select(col(EntryRow.envelope)).where(col(EntryRow.number).in_(handed_over))
    return list(session.scalars(query.order_by(col(EntryRow.number))))


def head_number(session: Session) -> int:
    """The number of the newest entry; 0 where there is none."""
    return session.scalars(select(col(LogHead.number))).one()


def find(session: Session, number: int) -> LogLine | None:
    """The entry with this number."""
    row = session.execute(select(*_LINE).where(col(EntryRow.number) == number)).first()
    return LogLine(*row) if row is not None else None


def about(session: Session, record_id: str, limit: int) -> list[LogLine]:
    """The newest entries about a record, the newest first."""
    query = select(*_LINE).where(col(EntryRow.record_id) == record_id)
    rows = session.execute(query.order_by(col(EntryRow.number).desc()).limit(limit))
    return [LogLine(*row) for row in rows]


def page(session: Session, after: int, limit: int, last: int | None = None) -> list[LogLine]:
    """Up to `limit` entries after a number, up to the number `last`, oldest first; fewer where
    they are large, but at least one where there is one."""
    query = select(*_LINE).where(col(EntryRow.number) > after)
    if last is not None:
        query = query.where(col(EntryRow.number) <= last)
    query = query.order_by(col(EntryRow.number)).limit(limit).execution_options(yield_per=64)
    lines: list[LogLine] = []
    size = 0
    with session.execute(query) as rows:
        for row in rows:
            lines.append(LogLine(*row))
            size += len(lines[-1].envelope)
            if size > PAGE_BYTES:
                break
    return lines
