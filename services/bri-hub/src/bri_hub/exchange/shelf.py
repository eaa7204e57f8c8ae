"""What harvesters ask of the database: items of a set and a time, in the order of their changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import func
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bri_exchange import sets
from bri_exchange.source import Holding as Held
from bri_exchange.source import Item, Page, PositionLost, Selection
from bri_hub.domain import CentreState, RecordState
from bri_hub.exchange.tables import ExchangeItem, ExchangeSet
from bri_hub.mapping import record_json, revision_of
from bri_hub.repository import catalogue, epochs
from bri_hub.tables import MAX_NUMBER, Centre, Holding, Record
from bri_kit import vocabulary
from bri_kit.set_aside import write_each

MAX_BYTES = 8 * 1024 * 1024
"""A page ends early where the entries behind it are larger."""

Chosen = TypeVar("Chosen")

_AT_ONCE = 20
_EVERYTHING = ("", sets.CENTRE, sets.KIND)


def read_page(session: Session, wanted: Selection) -> Page:
    """The next items that were wanted.

    Raises:
        PositionLost: the position was reached in another life of the change log.
    """
    if not epochs.holds(session, wanted.epoch, wanted.after):
        raise PositionLost
    found = _find(session, wanted)
    rows, has_more = found[: wanted.limit], len(found) > wanted.limit
    items = [_item(row) for row in rows]
    if wanted.whole:
        shown = _with_documents(session, items)
        has_more = has_more or len(shown) < len(items)
        items = shown
    position = rows[len(items) - 1].change if items else wanted.after
    total = _count(session, wanted) if wanted.counted and has_more else None
    return Page(items, position, epochs.current(session), has_more, total)


def read_item(session: Session, record_id: str) -> Item | None:
    """One item, whole."""
    row = session.get(ExchangeItem, record_id)
    return _with_documents(session, [_item(row)])[0] if row else None


def earliest(session: Session) -> str:
    """A time before which nothing changed here (RFC 3339); empty where nothing did."""
    item = session.exec(select(func.min(ExchangeItem.at))).one()
    return min(filter(None, (item, epochs.first_at(session))), default="")


def list_countries(session: Session) -> list[str]:
    """Countries that something is about."""

    def has_some(code: str) -> bool:
        query = select(ExchangeSet.change).where(ExchangeSet.spec == f"{sets.COUNTRY}:{code}")
        return session.exec(query.limit(1)).first() is not None

    return [code for code in vocabulary.countries() if has_some(code)]


def list_holdings(session: Session) -> list[Held]:
    """How many published records there are of each centre and kind."""
    query = (
        select(Record.centre, Record.kind, func.count(), func.max(Record.updated_at))
        .join(Centre, col(Centre.code) == col(Record.centre))
        .where(Record.state == RecordState.PUBLISHED, Centre.state == CentreState.ACTIVE)
        .group_by(col(Record.centre), col(Record.kind))
        .order_by(col(Record.centre), col(Record.kind))
    )
    return [Held(*row) for row in session.exec(query)]


def _find(session: Session, wanted: Selection) -> Sequence[ExchangeItem]:
    query, change = _within(select(ExchangeItem), wanted), _order(wanted)
    query = query.where(change > min(_before(session, wanted), MAX_NUMBER))
    return session.exec(query.order_by(change).limit(wanted.limit + 1)).all()


def _count(session: Session, wanted: Selection) -> int:
    """How many items were wanted, from the beginning."""
    if wanted.set not in _EVERYTHING and not (wanted.since or wanted.until):
        # The set alone is an index, and need not be held against the items.
        query = select(func.count()).where(ExchangeSet.spec == wanted.set)
        return session.exec(query).one()
    return session.exec(_within(select(func.count(col(ExchangeItem.change))), wanted)).one()


def _order(wanted: Selection) -> Mapped[int]:
    """The change numbers that a list is walked by."""
    return col(ExchangeItem.change if wanted.set in _EVERYTHING else ExchangeSet.change)


def _within(query: SelectOfScalar[Chosen], wanted: Selection) -> SelectOfScalar[Chosen]:
    """A question about items, of the set and the times that are wanted."""
    if wanted.set not in _EVERYTHING:
        query = query.join(ExchangeSet, col(ExchangeSet.change) == col(ExchangeItem.change))
        query = query.where(ExchangeSet.spec == wanted.set)
    if wanted.since:
        query = query.where(col(ExchangeItem.at) >= wanted.since)
    if wanted.until:
        query = query.where(col(ExchangeItem.at) <= wanted.until)
    return query


def _before(session: Session, wanted: Selection) -> int:
    """A position before which nothing changed since the time that is asked for, so that it is not
    walked over. The clock may have been set back, so numbers do not follow times."""
    if wanted.after or not wanted.since:
        return wanted.after
    query = select(func.min(ExchangeItem.change)).where(col(ExchangeItem.at) >= wanted.since)
    return (session.exec(query).one() or MAX_NUMBER) - 1


def _item(row: ExchangeItem) -> Item:
    return Item(row.record_id, row.at, row.sets.split(), is_deleted=row.is_deleted)


def _with_document(item: Item, holding: Holding) -> Item:
    """An item with what its record says; its place alone where nobody can read that."""
    records = write_each("oai", [holding], record_json, revision_of)
    document = next(records, None)
    return replace(item, document=document, is_unreadable=document is None)


def _with_documents(session: Session, items: Sequence[Item]) -> list[Item]:
    """As many of the first items as a page can hold, at least one, those that are given out with
    what they say."""
    shown: list[Item] = []
    size = 0
    for start in range(0, len(items), _AT_ONCE):
        part = items[start : start + _AT_ONCE]
        wanted = [item.record_id for item in part if not item.is_deleted]
        found = catalogue.find_records(session, wanted)
        for item in part:
            if size > MAX_BYTES:
                return shown
            holding = found.get(item.record_id)
            shown.append(_with_document(item, holding) if holding else item)
            size += len(holding.entry.envelope) if holding else 0
        session.expunge_all()
    return shown
