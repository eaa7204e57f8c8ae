"""Follows the hub's own change log, and puts each record where harvesters find it.

Rules:
- the cursor moves in the transaction that places the items;
- an item's time is when the hub applied its entry; a record that is shown or hidden because its
  centre stands otherwise has no new entry, and its time is when that was noticed here;
- a record that nobody can read has its place as one that is not given out;
- a withdrawn record stays in the sets that it was in last, so that whoever harvests a set hears
  that it is gone;
- nobody is answered before everything that is committed has its place: a time that was answered
  for is never given to something new.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from sqlalchemy import Engine, and_, delete, insert
from sqlmodel import Session, col, select

from bri_exchange import sets
from bri_hub.alerts.withdrawn import last_content
from bri_hub.announcing import Announcements, wait_for_news
from bri_hub.domain import CentreState
from bri_hub.exchange.tables import ExchangeCursor, ExchangeItem, ExchangeSet
from bri_hub.repository import changelog
from bri_hub.tables import Centre, Entry, Record
from bri_kit import content, database
from bri_kit.clock import timestamp
from bri_kit.set_aside import Revision, write_each

SAFETY_SECONDS = 5.0
"""How long it waits for news before it looks anyway."""

_AT_ONCE = 500
_PAUSE_SECONDS = 1.0
_NAME = "items"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Look:
    """Records after the cursor `since`, as they are now, and the items there are of them."""

    since: int
    rows: Sequence[tuple[Record, Entry, str]]
    known: Mapping[str, ExchangeItem]


class Shelving:
    """Places what changes, for ever, and at once where somebody asks. Belongs to one loop."""

    def __init__(self, engine: Engine, changes: Announcements) -> None:
        self._engine = engine
        self._changes = changes
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            news = self._changes.news()
            try:
                if not await self.step():
                    await wait_for_news(news, SAFETY_SECONDS)
            except Exception:
                logger.exception("exchange.failed", again_in_seconds=_PAUSE_SECONDS)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def step(self) -> bool:
        """Place the next changes; whether there were any."""
        async with self._turn:
            return await asyncio.to_thread(self.place)

    def place(self) -> bool:
        """The same, in the caller's thread."""
        with database.reading(self._engine) as session:
            look = _look(session)
        if not look.rows:
            return False
        items = list(
            write_each(
                "oai",
                look.rows,
                lambda row: _item(self._engine, row, look.known),
                lambda row: Revision(row[0].id, row[0].revision),
                _gone,
            )
        )
        with database.writing(self._engine) as session:
            if position(session) == look.since:  # else another process was here
                _place(session, items, look.known.values())
                session.merge(ExchangeCursor(name=_NAME, number=items[-1].change))
        return True


def position(session: Session) -> int:
    """Up to which change everything has its place."""
    row = session.get(ExchangeCursor, _NAME)
    return row.number if row else 0


def _look(session: Session) -> Look:
    since = position(session)
    query = (
        select(Record, Entry, Centre.state)
        .join(Centre, col(Centre.code) == col(Record.centre))
        .join(
            Entry,
            and_(
                col(Entry.centre) == col(Record.centre),
                col(Entry.number) == col(Record.entry_number),
            ),
        )
        .where(col(Record.change) > since)
        .order_by(col(Record.change))
        .limit(_AT_ONCE)
    )
    rows: list[tuple[Record, Entry, str]] = []
    size = 0
    with session.exec(query.execution_options(yield_per=50)) as found:
        for record, entry, state in found:
            rows.append((record, entry, state))
            size += len(entry.envelope)
            if size > changelog.MAX_BYTES:
                break
    ids = [record.id for record, _, _ in rows]
    known = session.exec(select(ExchangeItem).where(col(ExchangeItem.record_id).in_(ids))).all()
    session.expunge_all()
    return Look(since, rows, {each.record_id: each for each in known})


def _item(
    engine: Engine, row: tuple[Record, Entry, str], known: Mapping[str, ExchangeItem]
) -> ExchangeItem:
    record, entry, state = row
    before = known.get(record.id)
    line = log_pb2.Entry.FromString(log_pb2.SignedEntry.FromString(entry.envelope).entry)
    is_shown = line.HasField("published") and state == CentreState.ACTIVE
    same_entry = before is not None and before.entry == record.entry_number
    return ExchangeItem(
        record_id=record.id,
        change=record.change,
        at=timestamp() if same_entry else record.updated_at,
        entry=record.entry_number,
        is_deleted=not is_shown,
        sets=_sets(engine, record, line, before),
    )


def _gone(row: tuple[Record, Entry, str]) -> ExchangeItem:
    """The item of a record of which nobody can read what it says: it is not given out."""
    record = row[0]
    return ExchangeItem(
        record_id=record.id,
        change=record.change,
        at=record.updated_at,
        entry=record.entry_number,
        is_deleted=True,
        sets=" ".join(sets.specs_of(record.centre, record.kind, ())),
    )


def _sets(engine: Engine, record: Record, line: log_pb2.Entry, before: ExchangeItem | None) -> str:
    if line.HasField("published"):
        said: content_pb2.Record | None = line.published
    elif before is not None:
        return before.sets
    else:
        with database.reading(engine) as session:
            said = last_content(session, record.id)
    kind = content.KIND_NAMES.get(said.kind, record.kind) if said else record.kind
    return " ".join(sets.specs_of(record.centre, kind, said.countries if said else ()))


def _place(session: Session, items: Sequence[ExchangeItem], known: Iterable[ExchangeItem]) -> None:
    connection = session.connection()
    for each in known:
        gone = delete(ExchangeSet).where(
            col(ExchangeSet.change) == each.change, col(ExchangeSet.spec).in_(_places(each))
        )
        connection.execute(gone)
    ids = [each.record_id for each in items]
    connection.execute(delete(ExchangeItem).where(col(ExchangeItem.record_id).in_(ids)))
    connection.execute(insert(ExchangeItem), [each.model_dump() for each in items])
    places = [{"spec": spec, "change": each.change} for each in items for spec in _places(each)]
    connection.execute(insert(ExchangeSet), places)


def _places(item: ExchangeItem) -> list[str]:
    """The sets that an item is found in: its own, and that of all that have a country. Those of all
    centres and of all kinds are everything."""
    own = item.sets.split()
    return [*own, sets.COUNTRY] if any(sets.split(each)[0] == sets.COUNTRY for each in own) else own


def is_complete(session: Session) -> bool:
    """Whether everything that is committed has its place."""
    return position(session) >= changelog.head(session)
