"""Every query about records, their history and their tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, delete, exists, func, insert, tuple_
from sqlmodel import Session, col, select

from bri_node.domain import State
from bri_node.tables import HistoryRow, RecordRow, RecordTag

PAGE_BYTES = 16 * 1024 * 1024
"""A page of records ends early where their contents exceed this."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records a list wants. Values of one filter are alternatives; filters add up; dates are
    inclusive ISO 8601 text, empty for none."""

    state: State
    kinds: Sequence[str] = ()
    countries: Sequence[str] = ()
    topics: Sequence[str] = ()
    languages: Sequence[str] = ()
    since: str = ""
    until: str = ""


def find(session: Session, record_id: str) -> RecordRow | None:
    """The record with this id, whatever its state."""
    return session.get(RecordRow, record_id)


def list_stretches(session: Session, length: int) -> Sequence[tuple[int, str]]:
    """Where published records are, among those that ever were, so many at a time by identifier, and
    when one of each changed last."""
    order = func.row_number().over(order_by=col(RecordRow.id))
    place = cast((order - 1) // length, BigInteger)
    placed = (
        select(place.label("number"), RecordRow.updated_at, RecordRow.state)
        .where(col(RecordRow.entry_number).is_not(None))
        .subquery()
    )
    shown = func.sum(case((placed.c.state == State.PUBLISHED.value, 1), else_=0))
    query = select(placed.c.number, func.max(placed.c.updated_at)).group_by(placed.c.number)
    return session.exec(query.having(shown > 0).order_by(placed.c.number)).all()


def list_changes(session: Session, number: int, length: int) -> Sequence[tuple[str, str]]:
    """The published records of such a stretch, each with when it last changed."""
    query = select(RecordRow.id, RecordRow.updated_at, RecordRow.state)
    query = query.where(col(RecordRow.entry_number).is_not(None)).order_by(col(RecordRow.id))
    rows = session.exec(query.offset(number * length).limit(length))
    return [(each, at) for each, at, state in rows if state == State.PUBLISHED]


def list_retracted(session: Session, since: str, limit: int) -> Sequence[RecordRow]:
    """Records that were retracted since then, the last one first; not those that were dropped."""
    query = select(RecordRow).where(
        RecordRow.state == State.RETRACTED.value,
        col(RecordRow.retracted_at) >= since,
        col(RecordRow.entry_number).is_not(None),
    )
    return session.exec(query.order_by(col(RecordRow.retracted_at).desc()).limit(limit)).all()


def page(
    session: Session, wanted: Filter, after: tuple[str, str] | None, limit: int
) -> tuple[list[RecordRow], bool]:
    """Up to `limit` records, newest first, that come after the sort key (date, id) `after`, and
    whether there are more."""
    key = tuple_(col(RecordRow.date), col(RecordRow.id))
    query = select(RecordRow).where(*_conditions(wanted))
    if after is not None:
        query = query.where(key < tuple_(*after))
    query = query.order_by(col(RecordRow.date).desc(), col(RecordRow.id).desc())
    rows: list[RecordRow] = []
    size = 0
    with session.exec(query.limit(limit + 1).execution_options(yield_per=16)) as found:
        for row in found:
            if len(rows) == limit or size > PAGE_BYTES:
                return rows, True
            rows.append(row)
            size += len(row.content)
    return rows, False


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(RecordRow.state) == wanted.state.value]
    if wanted.kinds:
        conditions.append(col(RecordRow.kind).in_(wanted.kinds))
    if wanted.since:
        conditions.append(col(RecordRow.date) >= wanted.since)
    if wanted.until:
        conditions.append(col(RecordRow.date) <= wanted.until)
    tagged = (
        ("country", wanted.countries),
        ("topic", wanted.topics),
        ("language", wanted.languages),
    )
    conditions.extend(_has_tag(name, values) for name, values in tagged if values)
    return conditions


def _has_tag(name: str, values: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        col(RecordTag.record_id) == col(RecordRow.id),
        col(RecordTag.name) == name,
        col(RecordTag.value).in_(values),
    )


def history(session: Session, record_id: str) -> Sequence[HistoryRow]:
    """What was done to a record, oldest first."""
    query = select(HistoryRow).where(HistoryRow.record_id == record_id)
    return session.exec(query.order_by(col(HistoryRow.number))).all()


def replace_tags(session: Session, record_id: str, tags: Sequence[dict[str, str]]) -> None:
    """Have a record found by `tags` and no others."""
    session.connection().execute(
        delete(RecordTag.__table__).where(col(RecordTag.record_id) == record_id)
    )
    insert_rows(session, RecordTag, tags)


def insert_rows(
    session: Session,
    table: type[RecordRow | RecordTag | HistoryRow],
    rows: Sequence[dict[str, Any]],
) -> None:
    """Insert many rows in one go, past the ORM, which costs several times as much."""
    if rows:
        session.connection().execute(insert(table.__table__), list(rows))
