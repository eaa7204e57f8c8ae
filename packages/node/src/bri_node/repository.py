"""Every query about records, their history and their tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, tuple_
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


def list_changes(session: Session, offset: int, limit: int) -> Sequence[tuple[str, str]]:
    """Published records by identifier, each with when it last changed."""
    query = select(RecordRow.id, RecordRow.updated_at)
    query = query.where(RecordRow.state == State.PUBLISHED.value).order_by(col(RecordRow.id))
    return session.exec(query.offset(offset).limit(limit)).all()


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
