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

from bri_kit import log
from bri_node.store import announce_entries
from bri_node.tables import EntryRow, LogHead

PAGE_BYTES = 16 * 1024 * 1024
"""A page of entries ends early where its envelopes exceed this."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Whose log it is, and the key that signs it."""

    centre: str
    key: SigningKey


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
    """
    rows: list[dict[str, Any]] = []
    number, previous = head.number, head.hash
    for entry in entries:
        number += 1
        envelope = log.seal(
            entry, centre=seal.centre, number=number, previous=previous, at=at, key=seal.key
        )
        previous = log.entry_hash(envelope.entry)
        rows.append(
            {
                "number": number,
                "record_id": log.record_id(entry),
                "hash": previous,
                "written_at": at,
                "envelope": envelope.SerializeToString(),
            }
        )
    if rows:
        session.connection().execute(insert(EntryRow.__table__), rows)
        head.number, head.hash = number, previous
        announce_entries(session)
    return [row["number"] for row in rows]


def head_number(session: Session) -> int:
    """The number of the newest entry; 0 where there is none."""
    return session.scalars(select(col(LogHead.number))).one()


def find(session: Session, number: int) -> LogLine | None:
    """The entry with this number."""
    row = session.execute(select(*_LINE).where(col(EntryRow.number) == number)).first()
    return LogLine(*row) if row is not None else None


def page(session: Session, after: int, limit: int, last: int | None = None) -> list[LogLine]:
    """Up to `limit` entries after a number, up to the number `last`, oldest first; fewer where
    they are large, but at least one where there is one."""
    query = select(*_LINE).where(col(EntryRow.number) > after)
    if last is not None:
        query = query.where(col(EntryRow.number) <= last)
    query = query.order_by(col(EntryRow.number)).limit(limit).execution_options(yield_per=64)
    lines: list[LogLine] = []
    size = 0
    for row in session.execute(query):
        lines.append(LogLine(*row))
        size += len(lines[-1].envelope)
        if size > PAGE_BYTES:
            break
    return lines
