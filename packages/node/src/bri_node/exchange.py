"""A centre's own log as `bri_exchange` asks it: its records, for whoever harvests it directly.

Rules:
- a record stands where its newest entry stands, and what it says is what that entry published,
  whatever an editor is doing with it now;
- the time of an item is its entry's. Times follow numbers but for a clock that was set back, which
  is reckoned with for a day.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from bri.log.v1 import log_pb2
from fastapi import FastAPI, Request
from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import Session, col

from bri_exchange import sets
from bri_exchange.dump_routes import create_dumps
from bri_exchange.dumps import Dumps
from bri_exchange.mirror_routes import create_changes
from bri_exchange.mirroring import ChangeLog
from bri_exchange.routes import create_exchange
from bri_exchange.source import (
    Document,
    Holding,
    Item,
    Page,
    PositionLost,
    Repository,
    Selection,
)
from bri_kit import content
from bri_kit.clock import read_time, rfc3339, shifted, timestamp
from bri_kit.set_aside import Revision, write_each
from bri_kit.web import add_routes
from bri_node import mirroring
from bri_node.domain import State
from bri_node.node import Node
from bri_node.profile import NodeSettings, Profile
from bri_node.tables import EntryRow, RecordRow, RecordTag
from bri_pages.labels import names_of
from bri_pages.site import Site

MAX_BYTES = 8 * 1024 * 1024
"""A page ends early where its entries are larger."""

_CLOCK_SET_BACK = timedelta(days=1)
_COUNTRY = "country"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class NodeHoldings:
    """Answers from a running node."""

    node: Node
    site: Site

    async def repository(self) -> Repository:
        """The centre."""
        settings = self.node.settings
        earliest = await self._read(_earliest)
        return Repository(
            code=self.site.code,
            names=self.site.names,
            address=settings.address,
            contact=settings.contact_address,
            earliest=earliest or timestamp(),
            languages=self.site.languages,
            kinds=names_of("kind", self.site.languages),
            feeds=self.site.feeds,
            licence=settings.licence,
            has_dumps=bool(settings.dumps_kept),
        )

    async def centres(self) -> Sequence[Document]:
        """This one centre."""
        return [_describe(self.node.profile, self.node.settings)]

    async def countries(self) -> Sequence[str]:
        """Countries that something is about."""
        return await self._read(_countries)

    async def page(self, selection: Selection) -> Page:
        """The next items."""
        centre = self.site.code
        return await self._read(lambda session: _page(session, centre, selection))

    async def item(self, record_id: str) -> Item | None:
        """One item, whole."""
        return await self._read(lambda session: _find(session, record_id))

    async def holdings(self) -> Sequence[Holding]:
        """What there is, by kind."""
        centre = self.site.code
        return await self._read(lambda session: _holdings(session, centre))

    async def _read(self, question: Callable[[Session], Answer]) -> Answer:
        def work() -> Answer:
            with self.node.store.reading() as session:
                return question(session)

        return await asyncio.to_thread(work)


def add_exchange(
    app: FastAPI, settings: NodeSettings, site: Site, node: Callable[[], Node]
) -> None:
    """Serve harvests, the catalogue, changes and dumps beside the API; `node` finds the running
    one."""

    def holdings(_request: Request) -> NodeHoldings:
        return NodeHoldings(node(), site)

    def log(_request: Request) -> AbstractContextManager[ChangeLog]:
        return mirroring.opening(node().store)()

    def dumps(_request: Request) -> Dumps:
        return node().dumping.dumps

    add_routes(
        app,
        create_changes(log),
        create_exchange(holdings),
        create_dumps(dumps, settings.address),
    )


def _describe(profile: Profile, settings: NodeSettings) -> Document:
    return {
        "code": profile.code,
        "names": dict(profile.names),
        "languages": list(profile.languages),
        "edition_languages": list(profile.edition_languages),
        "countries": list(profile.countries),
        "url": settings.address,
    }


def _earliest(session: Session) -> str:
    found = session.scalars(
        select(col(EntryRow.written_at)).where(col(EntryRow.number) == 1)
    ).first()
    return _before_any_setting_back(found) if found else ""


def _countries(session: Session) -> list[str]:
    query = select(col(RecordTag.value)).where(col(RecordTag.name) == _COUNTRY).distinct()
    return sorted(session.scalars(query))


def _holdings(session: Session, centre: str) -> list[Holding]:
    query = (
        select(col(RecordRow.kind), func.count(), func.max(col(RecordRow.updated_at)))
        .where(col(RecordRow.state) == State.PUBLISHED.value)
        .group_by(col(RecordRow.kind))
        .order_by(col(RecordRow.kind))
    )
    return [Holding(centre, *row) for row in session.execute(query)]


def _page(session: Session, centre: str, wanted: Selection) -> Page:
    if not mirroring.holds(session, wanted.epoch, wanted.after):
        raise PositionLost
    first = max(wanted.after, _before(session, wanted.since))
    query = (
        select(col(EntryRow.number))
        .join(RecordRow, mirroring.newest())
        .where(col(EntryRow.number) > first, *_conditions(centre, wanted))
        .order_by(col(EntryRow.number))
        .limit(wanted.limit + 1)
    )
    numbers = list(session.scalars(query))
    items: list[Item] = []
    size = 0
    for number in numbers[: wanted.limit]:
        if size > MAX_BYTES:
            break
        row = session.get_one(EntryRow, number)
        items.append(_item_or_place(session, row, whole=wanted.whole))
        size += len(row.envelope)
        session.expunge(row)
    position = numbers[len(items) - 1] if items else first
    epoch, has_more = mirroring.epoch_at(session, position), len(numbers) > len(items)
    total = _count(session, centre, wanted) if wanted.counted and has_more else None
    return Page(items, position, epoch, has_more, total)


def _count(session: Session, centre: str, wanted: Selection) -> int:
    query = select(func.count(col(EntryRow.number))).join(RecordRow, mirroring.newest())
    return session.scalars(query.where(*_conditions(centre, wanted))).one()


def _before(session: Session, since: str) -> int:
    """The number before which nothing was written since then."""
    if not since:
        return 0
    bound = _before_any_setting_back(since)
    query = select(col(EntryRow.number)).where(col(EntryRow.written_at) < bound)
    return session.scalars(query.order_by(col(EntryRow.number).desc()).limit(1)).first() or 0


def _before_any_setting_back(text: str) -> str:
    """A time before which nothing was written since `text`, whatever was done to the clock; the
    beginning of all times where `text` is none, or has none before it."""
    moment = read_time(text)
    return rfc3339(shifted(moment, -_CLOCK_SET_BACK)) if moment else ""


def _conditions(centre: str, wanted: Selection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since:
        conditions.append(col(EntryRow.written_at) >= wanted.since)
    if wanted.until:
        conditions.append(col(EntryRow.written_at) <= wanted.until)
    name, value = sets.split(wanted.set)
    if name == sets.KIND and value:
        conditions.append(col(RecordRow.kind) == value)
    elif name == sets.COUNTRY:
        conditions.append(_about(value))
    elif wanted.set not in ("", sets.KIND, sets.CENTRE, f"{sets.CENTRE}:{centre}"):
        conditions.append(col(EntryRow.number) < 0)
    return conditions


def _about(country: str) -> ColumnElement[bool]:
    tagged = exists().where(
        col(RecordTag.record_id) == col(RecordRow.id), col(RecordTag.name) == _COUNTRY
    )
    return tagged.where(col(RecordTag.value) == country) if country else tagged


def _find(session: Session, record_id: str) -> Item | None:
    record = session.get(RecordRow, record_id)
    if record is None or record.entry_number is None:
        return None
    return _item_or_place(session, session.get_one(EntryRow, record.entry_number), whole=True)


def _item_or_place(session: Session, row: EntryRow, *, whole: bool) -> Item:
    """What an entry says of its record; its place alone where nobody can read it."""

    def read(row: EntryRow) -> Item:
        return _item(session, row, whole=whole)

    def place(row: EntryRow) -> Item:
        return Item(row.record_id, row.written_at, (), is_unreadable=True)

    (item,) = write_each("oai", [row], read, _revision_of, place)
    return item


def _revision_of(row: EntryRow) -> Revision:
    return Revision(row.record_id, row.number)


def _item(session: Session, row: EntryRow, *, whole: bool) -> Item:
    record_id = row.record_id
    entry = log_pb2.Entry.FromString(log_pb2.SignedEntry.FromString(row.envelope).entry)
    record = session.get_one(RecordRow, record_id)
    is_deleted = not entry.HasField("published")
    tags = select(col(RecordTag.value)).where(
        col(RecordTag.record_id) == record_id, col(RecordTag.name) == _COUNTRY
    )
    countries = sorted(session.scalars(tags)) if is_deleted else list(entry.published.countries)
    own = sets.specs_of(content.centre_of(record_id), record.kind, countries)
    document = mirroring.document_of(entry) if whole and not is_deleted else None
    return Item(record_id, row.written_at, own, document, is_deleted)
