"""The hub as `bri_exchange` asks it: what it holds of all centres, and who it is."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlmodel import Session

from bri_exchange.source import Document, Holding, Item, Page, Repository, Selection
from bri_hub import service
from bri_hub.exchange import shelf, shelving
from bri_hub.exchange.working import Exchange
from bri_hub.parts import Parts
from bri_kit import database
from bri_kit.clock import timestamp
from bri_kit.errors import Unavailable
from bri_pages.labels import names_of
from bri_pages.site import Site

COUNTED_SECONDS = 10.0
WAIT_SECONDS = 5.0
"""How long an answer waits until everything that is committed has its place."""

Answer = TypeVar("Answer")


class HubHoldings:
    """Answers from the parts of a running hub."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts = parts
        self._site = site

    async def repository(self) -> Repository:
        """The hub."""
        settings = self._parts.settings
        earliest = await self._read(shelf.earliest)
        return Repository(
            code=self._site.code,
            names=self._site.names,
            address=settings.address,
            contact=settings.contact_address,
            earliest=earliest or timestamp(),
            languages=self._site.languages,
            kinds=names_of("kind", self._site.languages),
            feeds=self._site.feeds,
            licence=settings.licence,
            has_dumps=True,
        )

    async def centres(self) -> Sequence[Document]:
        """Who takes part."""
        listed: Sequence[Document] = (await self._read(service.list_centres))["items"]
        return listed

    async def countries(self) -> Sequence[str]:
        """Countries that something is about."""
        return await self._read(shelf.list_countries)

    async def page(self, selection: Selection) -> Page:
        """The next items."""
        return await self._read_whole(lambda session: shelf.read_page(session, selection))

    async def item(self, record_id: str) -> Item | None:
        """One item."""
        return await self._read_whole(lambda session: shelf.read_item(session, record_id))

    async def holdings(self) -> Sequence[Holding]:
        """What there is, by centre and kind, as it was at most COUNTED_SECONDS ago."""
        counted = self._exchange.counted
        if time.monotonic() > counted.until:
            counted.holdings = await self._read(shelf.list_holdings)
            counted.until = time.monotonic() + COUNTED_SECONDS
        return counted.holdings

    @property
    def _exchange(self) -> Exchange:
        assert self._parts.exchange is not None, "it begins with the hub"
        return self._parts.exchange

    async def _read_whole(self, question: Callable[[Session], Answer]) -> Answer:
        """An answer from a state in which everything has its place.

        Raises:
            Unavailable: too much changed lately.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            try:
                return await self._read(lambda session: _if_complete(session, question))
            except _Incomplete:
                await self._exchange.shelving.step()
        raise Unavailable("What changed lately is still being put in order. Please come again.")

    async def _read(self, question: Callable[[Session], Answer]) -> Answer:
        def work() -> Answer:
            with database.reading(self._parts.engine) as session:
                return question(session)

        return await asyncio.to_thread(work)


class _Incomplete(Exception):
    """Something that is committed has no place yet."""


def _if_complete(session: Session, question: Callable[[Session], Answer]) -> Answer:
    if not shelving.is_complete(session):
        raise _Incomplete
    return question(session)
