"""What following reads and writes: searches, their events, and who has heard how much of them."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select
from ulid import ULID

from bri_hub.alerts.judging import Kind, Law
from bri_hub.alerts.tables import AlertCursor, AlertEvent, AlertSearch, AlertSubscription
from bri_hub.repository import changelog
from bri_hub.tables import Entry

_CHANGES, _EVENTS = "changes", "events"
_AT_ONCE = 500


class Pair(NamedTuple):
    """A search and a record."""

    search_id: str
    record_id: str


def position(session: Session) -> int:
    """The number of the last change that searches were matched against."""
    return _number(session, _CHANGES)


def move(session: Session, number: int) -> None:
    """Keep up to which change searches are matched, with what was found."""
    session.merge(AlertCursor(name=_CHANGES, number=number))


def last_event(session: Session) -> int:
    """The number of the last event there is."""
    return _number(session, _EVENTS)


def list_searches(session: Session) -> Sequence[tuple[str, str, str]]:
    """Every search that is followed: its identifier, what it asks, since when."""
    rows = session.exec(select(AlertSearch.id, AlertSearch.asked, AlertSearch.created_at))
    return [(row[0], row[1], row[2]) for row in rows]


def find_search(session: Session, asked: str) -> AlertSearch | None:
    """The search that asks this, if somebody follows it."""
    return session.exec(select(AlertSearch).where(AlertSearch.asked == asked)).one_or_none()


def begin_search(session: Session, asked: str, at: str) -> AlertSearch:
    """Follow a search from the present head of the change log on."""
    if session.exec(select(AlertSearch.id).limit(1)).first() is None:
        move(session, changelog.head(session))
    search = AlertSearch(id=str(ULID()), asked=asked, created_at=at)
    session.add(search)
    session.flush()
    return search


def forget_unfollowed(session: Session, search_ids: Collection[str]) -> None:
    """Drop those of the searches that nobody follows any more, with all that they told."""
    session.flush()
    for search_id in search_ids:
        query = select(AlertSubscription.id).where(AlertSubscription.search_id == search_id)
        if session.exec(query.limit(1)).first() is None:
            connection = session.connection()
            connection.execute(delete(AlertEvent).where(col(AlertEvent.search_id) == search_id))
            connection.execute(delete(AlertSearch).where(col(AlertSearch.id) == search_id))


def told_about(session: Session, record_ids: Collection[str]) -> dict[Pair, AlertEvent]:
    """What was told last about each of the records, by search."""
    newest = (
        select(func.max(AlertEvent.number))
        .where(col(AlertEvent.record_id).in_(record_ids))
        .group_by(col(AlertEvent.search_id), col(AlertEvent.record_id))
    )
    found = session.exec(select(AlertEvent).where(col(AlertEvent.number).in_(newest)))
    return {Pair(each.search_id, each.record_id): each for each in found}


def followed_laws(
    session: Session, numbers: Collection[str]
) -> dict[str, dict[str, dict[str, Law]]]:
    """The instruments of these numbers that were told: by search, number and record."""
    laws: dict[str, dict[str, dict[str, Law]]] = {}
    query = select(AlertEvent).where(col(AlertEvent.law).in_(numbers))
    for each in session.exec(query.order_by(col(AlertEvent.number))):
        by_number = laws.setdefault(each.search_id, {}).setdefault(each.law, {})
        by_number[each.record_id] = Law(each.record_id, each.jurisdiction, each.titles)
    return laws


def published_content(session: Session, centre: str, number: int) -> content_pb2.Record | None:
    """What an entry published; None where it published nothing or is not here any more."""
    entry = session.get(Entry, (centre, number))
    if entry is None:
        return None
    signed = log_pb2.SignedEntry.FromString(entry.envelope)
    line = log_pb2.Entry.FromString(signed.entry)
    return line.published if line.HasField("published") else None


def add_events(session: Session, events: Sequence[AlertEvent]) -> None:
    """Give events their numbers and keep them; whoever follows their searches is to be told."""
    first = last_event(session) + 1
    rows, newest = [], {}
    for number, event in enumerate(events, first):
        rows.append(event.model_dump(exclude={"number"}) | {"number": number})
        if event.kind != Kind.LISTED:
            newest[event.search_id] = number
    connection = session.connection()
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(insert(AlertEvent), rows[start : start + _AT_ONCE])
    for search_id, number in newest.items():
        told = update(AlertSearch).where(col(AlertSearch.id) == search_id)
        connection.execute(told.values(newest=number))
    if events:
        session.merge(AlertCursor(name=_EVENTS, number=first + len(rows) - 1))


def read_events(
    session: Session, search_id: str, after: int, upto: int, limit: int
) -> Sequence[AlertEvent]:
    """What a search has to tell after one event, up to another, in order."""
    query = (
        select(AlertEvent)
        .where(AlertEvent.search_id == search_id, AlertEvent.kind != Kind.LISTED)
        .where(col(AlertEvent.number) > after, col(AlertEvent.number) <= upto)
        .order_by(col(AlertEvent.number))
        .limit(limit)
    )
    return session.exec(query).all()


def _number(session: Session, name: str) -> int:
    row = session.get(AlertCursor, name)
    return row.number if row else 0
