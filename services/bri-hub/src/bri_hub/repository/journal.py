"""What ingest reads and writes, a batch at a time: no statement here is repeated for each record.

Rows are tuples that go to the driver as they are; the ORM would cost more than all the rest of
ingest. Centres are few, so they alone are objects.
"""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import NamedTuple

import sqlalchemy
from sqlalchemy import delete, func
from sqlmodel import Session, SQLModel, col, select

from bri_hub.tables import Centre, Disturbance, Early, Entry, Record, Refusal, ShownEntry

KEEP_REFUSALS = 10_000
_ROWS_AT_ONCE = 500


class EntryRow(NamedTuple):
    """A row of `entry`."""

    centre: str
    number: int
    hash: bytes
    record_id: str
    received_at: str
    verdict: str
    reason: str
    detail: str
    envelope: bytes


class RecordRow(NamedTuple):
    """A row of `record`."""

    id: str
    centre: str
    revision: int
    state: str
    kind: str
    entry_number: int
    change: int
    updated_at: str
    shown_since: str


class EarlyRow(NamedTuple):
    """A row of `early`."""

    centre: str
    number: int
    envelope: bytes


class ShownRow(NamedTuple):
    """A row of `shown_entry`."""

    centre: str
    number: int
    entry: bytes


class RefusalRow(NamedTuple):
    """A row of `refusal` before it has its number."""

    centre: str
    at: str
    fault: str
    hash: bytes
    size: int
    beginning: bytes


class DisturbanceRow(NamedTuple):
    """A row of `disturbance`."""

    record_id: str
    centre: str
    at: str
    shown_since: str


Row = EntryRow | RecordRow | EarlyRow | ShownRow | RefusalRow | DisturbanceRow

_UPDATE_RECORD = (
    " ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, state = excluded.state,"
    " kind = excluded.kind, entry_number = excluded.entry_number, change = excluded.change,"
    " updated_at = excluded.updated_at, shown_since = excluded.shown_since"
)
_DISTURBED_AGAIN = (
    " ON CONFLICT (record_id) DO UPDATE SET at = excluded.at, shown_since ="
    " CASE WHEN disturbance.shown_since < excluded.shown_since"
    " THEN disturbance.shown_since ELSE excluded.shown_since END"
)
_LEAVE_EARLY = " ON CONFLICT (centre, number) DO NOTHING"
# Columns, not the class: the class would make objects of the ORM.
_RECORDS = sqlalchemy.select(*sqlalchemy.inspect(Record).columns)


def centres(session: Session, codes: Collection[str]) -> dict[str, Centre]:
    """Those of `codes` that were admitted; what is changed in them is written at the commit."""
    found = session.exec(select(Centre).where(col(Centre.code).in_(codes)))
    return {centre.code: centre for centre in found}


def centres_behind(session: Session) -> Sequence[Centre]:
    """Centres of which entries are missing."""
    return session.exec(select(Centre).where(col(Centre.newest) > Centre.number)).all()


class KnownHashes:
    """Hashes of the entries that a centre's log has here, read a page at a time."""

    PAGE = 500

    def __init__(self, session: Session, centre: str) -> None:
        self._session = session
        self._centre = centre
        self._pages: dict[int, dict[int, bytes]] = {}

    def __call__(self, number: int) -> bytes | None:
        page = number // self.PAGE
        if page not in self._pages:
            self._pages[page] = self._read(page * self.PAGE)
        return self._pages[page].get(number)

    def _read(self, first: int) -> dict[int, bytes]:
        rows = self._session.exec(
            select(Entry.number, Entry.hash).where(
                Entry.centre == self._centre,
                col(Entry.number).between(first, first + self.PAGE - 1),
            )
        )
        return dict(rows.all())


def records(session: Session, ids: Collection[str]) -> dict[str, RecordRow]:
    """Those of `ids` that the hub holds."""
    if not ids:
        return {}
    rows = session.connection().execute(_RECORDS.where(col(Record.id).in_(ids)))
    return {row.id: RecordRow(*row) for row in rows}


def last_change(session: Session) -> int:
    """The head of the change log; 0 where there is none."""
    return session.exec(select(func.max(Record.change))).one() or 0


def add_entries(session: Session, rows: Sequence[EntryRow]) -> None:
    """Lengthen logs."""
    _insert(session, Entry, rows)


def put_records(session: Session, rows: Sequence[RecordRow]) -> None:
    """Insert or update records, in the order of their changes."""
    _insert(session, Record, rows, _UPDATE_RECORD)


def put_shown(session: Session, rows: Sequence[ShownRow]) -> None:
    """Keep what is shown in place of entries."""
    _insert(session, ShownEntry, rows)


def keep_early(session: Session, rows: Sequence[EarlyRow]) -> None:
    """Keep entries that wait; the first that came with a number stays."""
    _insert(session, Early, rows, _LEAVE_EARLY)


def put_disturbances(session: Session, rows: Sequence[DisturbanceRow]) -> None:
    """Keep that records were disturbed: the last time that they were, and since when they had been
    shown before the first."""
    _insert(session, Disturbance, rows, _DISTURBED_AGAIN)


def _insert(
    session: Session, table: type[SQLModel], rows: Sequence[Row], conflict: str = ""
) -> None:
    """Insert many rows with each statement.

    SQLite lets other threads run while a statement does, and the next batch is read meanwhile;
    `executemany` would stand in line for the interpreter again at every row.
    """
    connection = session.connection()
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[begin : begin + _ROWS_AT_ONCE]
        names = some[0]._fields
        places = f"({', '.join([mark] * len(names))})"
        connection.exec_driver_sql(
            f"INSERT INTO {table.__tablename__} ({', '.join(names)})"  # noqa: S608 - names are ours
            f" VALUES {', '.join([places] * len(some))}{conflict}",
            tuple(chain.from_iterable(some)),
        )


def early_after(session: Session, centre: str, number: int, limit: int) -> Sequence[bytes]:
    """At most `limit` waiting envelopes beyond `number`, in ascending order."""
    query = select(Early.envelope).where(Early.centre == centre, col(Early.number) > number)
    return session.exec(query.order_by(col(Early.number)).limit(limit)).all()


def early_envelopes(
    session: Session, centre: str, numbers: Collection[int]
) -> Sequence[tuple[int, bytes]]:
    """Those of `numbers` that wait, with their envelopes."""
    query = select(Early.number, Early.envelope).where(Early.centre == centre)
    return session.exec(query.where(col(Early.number).in_(numbers))).all() if numbers else ()


def early_numbers(session: Session, centre: str) -> Sequence[int]:
    """The numbers that wait, in ascending order."""
    query = select(Early.number).where(Early.centre == centre)
    return session.exec(query.order_by(col(Early.number))).all()


def first_early(session: Session, centre: str, number: int) -> int | None:
    """The lowest number beyond `number` that waits."""
    query = select(func.min(Early.number)).where(Early.centre == centre)
    return session.exec(query.where(col(Early.number) > number)).one()


def drop_early(session: Session, centre: str, upto: int, refused: Collection[int]) -> None:
    """Forget waiting entries that have found their place, and those that never will."""
    mine = delete(Early).where(col(Early.centre) == centre)
    gone = col(Early.number) <= upto
    session.connection().execute(mine.where(gone | col(Early.number).in_(refused)))


def add_refusals(session: Session, rows: Sequence[RefusalRow]) -> None:
    """Keep evidence of refused bytes, and no more of it than KEEP_REFUSALS."""
    if rows:
        _insert(session, Refusal, rows)
        newest = session.exec(select(func.max(Refusal.id))).one() or 0
        old = col(Refusal.id) <= newest - KEEP_REFUSALS
        session.connection().execute(delete(Refusal).where(old))
