"""The portal: what pages ask, answered from the hub's database and by search.

Stories and related records are search's to tell: where it is away or slow, a record is shown
without them. Who takes part is asked of the database once in a while, not for every page.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import TypeVar

from fastapi import FastAPI, Request

from bri_hub import service, stories, viewing
from bri_hub.alerts.withdrawn import list_withdrawn
from bri_hub.parts import Parts
from bri_hub.settings import HubSettings
from bri_hub.standing import read_standing
from bri_kit import database
from bri_kit.errors import Unavailable
from bri_pages.alerts import Alerts
from bri_pages.app import create_site
from bri_pages.asking import Question
from bri_pages.site import FEED_HUB, Site
from bri_pages.source import Document, Listed, RecordView, Stretch, Withdrawn
from bri_pages.topics import Topics
from bri_retrieval.engine import Hit, Query, Results, Suggestion

_NAMES = {
    "zh": "“一带一路”生态环境信息平台",
    "en": "Belt and Road Environmental Information Hub",
    "ru": "Экологическая информация «Одного пояса, одного пути»",
}
LANGUAGES = ("zh", "en", "ru")

Answer = TypeVar("Answer")


CENTRES_SECONDS = 1.0
STRETCHES_SECONDS = 60.0
_SEARCH_SECONDS = 1.0
"""How long a record's page waits for what it can be shown without."""
_MOST_RELATED = 5


@dataclass(slots=True)
class Kept:
    """Who takes part, and where published records are, each until when (of `time.monotonic`) that
    is not asked again."""

    centres: Sequence[Document] = ()
    until: float = -inf
    stretches: Sequence[Stretch] = ()
    stretches_until: float = -inf


class HubSource:
    """Answers pages from the parts of a running hub."""

    def __init__(self, parts: Parts, kept: Kept) -> None:
        self._parts = parts
        self._kept = kept

    async def search(self, query: Query) -> Results:
        """One page of what `query` asks for."""
        return await self._parts.search.search(query)

    async def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Completions of what is typed."""
        return await self._parts.search.suggest(text, language, limit)

    async def record(self, record_id: str, language: str) -> RecordView:
        """A record, its history and what search knows of it."""
        view, story, related = await asyncio.gather(
            asyncio.to_thread(self._read, viewing.read_view, record_id),
            self._or_nothing(self._story(record_id, language)),
            self._or_nothing(self._related(record_id, language)),
        )
        return replace(view, story=story, related=related)

    async def withdrawn(self, question: Question) -> Sequence[Withdrawn]:
        """What `question` would have listed and was withdrawn lately."""
        return await asyncio.to_thread(self._read, list_withdrawn, question)

    async def documents(self, record_ids: Sequence[str]) -> Sequence[Document]:
        """Those of these records that can be shown."""
        return await asyncio.to_thread(self._read, viewing.read_documents, record_ids)

    async def stretches(self, length: int) -> Sequence[Stretch]:
        """Where published records are, as it was at most STRETCHES_SECONDS ago: it takes a second
        where there is a million of records."""
        if time.monotonic() > self._kept.stretches_until:
            self._kept.stretches = await asyncio.to_thread(
                self._read, viewing.read_stretches, length
            )
            self._kept.stretches_until = time.monotonic() + STRETCHES_SECONDS
        return self._kept.stretches

    async def listing(self, centre: str, number: int, length: int) -> Sequence[Listed]:
        """The published records of one such stretch."""
        return await asyncio.to_thread(self._read, viewing.read_listing, centre, number, length)

    async def centres(self) -> Sequence[Document]:
        """Who takes part, as it was at most CENTRES_SECONDS ago."""
        if time.monotonic() > self._kept.until:
            listed = await asyncio.to_thread(self._read, service.list_centres)
            self._kept.centres = listed["items"]
            self._kept.until = time.monotonic() + CENTRES_SECONDS
        return self._kept.centres

    async def federation(self) -> Document:
        """How every centre's log and search stand."""
        return await read_standing(self._parts)

    async def _story(self, record_id: str, language: str) -> Sequence[Document]:
        others, joined = await self._parts.search.story(record_id)
        if not others:
            return ()
        address = self._parts.settings.address
        return await asyncio.to_thread(
            self._read, stories.read_story, others, joined, language, address
        )

    async def _related(self, record_id: str, language: str) -> Sequence[Hit]:
        return (await self._parts.search.related(record_id, language, _MOST_RELATED)).hits

    async def _or_nothing(self, asked: Awaitable[Sequence[Answer]]) -> Sequence[Answer]:
        try:
            async with asyncio.timeout(_SEARCH_SECONDS):
                return await asked
        except (Unavailable, TimeoutError):
            return ()

    def _read(self, question: Callable[..., Answer], *arguments: object) -> Answer:
        with database.reading(self._parts.engine) as session:
            return question(session, *arguments)


def hub_site(settings: HubSettings) -> Site:
    """What makes the portal's site."""
    address = settings.public_url.rstrip("/")
    feed_hub = FEED_HUB if settings.alerts_webhooks else ""
    return Site("hub", _NAMES, LANGUAGES, address=address, feed_hub=feed_hub)


def hub_topics(parts: Parts) -> Topics:
    """The portal's feeds, and those of the centres' own sites, by their addresses."""
    source = HubSource(parts, Kept())
    portal = replace(hub_site(parts.settings), address=parts.settings.address)

    async def sites() -> Sequence[Site]:
        hub = f"{portal.address}{portal.feed_hub}" if portal.feed_hub else ""
        return [portal, *(_site_of(each, hub) for each in await source.centres() if each["url"])]

    return Topics(sites, lambda: source)


def _site_of(centre: Document, hub: str) -> Site:
    """A centre's own site, as far as its feeds tell of it."""
    address = centre["url"].rstrip("/")
    return Site(centre["code"], centre["names"], centre["languages"], address, feed_hub=hub)


def create_portal(settings: HubSettings, parts: Callable[[], Parts]) -> FastAPI:
    """The hub's pages, to be mounted beside its API; `parts` finds those of the running hub."""
    kept = Kept()

    def source(_request: Request) -> HubSource:
        return HubSource(parts(), kept)

    def alerts(_request: Request) -> Alerts:
        found = parts().alerts
        assert found is not None, "alerts begin with the hub"
        return found

    return create_site(hub_site(settings), source, alerts)
