"""A source that answers from memory, for tests of what pages make of its answers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI

from bri_kit.errors import NotFound, Retracted, Unavailable
from bri_pages.app import create_site
from bri_pages.asking import Question
from bri_pages.site import Site
from bri_pages.source import Document, Listed, Provenance, RecordView, Stretch, Withdrawn
from bri_retrieval.engine import Hit, Query, Results, Suggestion

HUB = Site("hub", {"zh": "枢纽", "en": "The hub", "ru": "Портал"}, ("zh", "en", "ru"))
SITES = {
    "hub": HUB,
    "sco": Site("sco", {"en": "SCO"}, ("en", "ru"), accent="#123456", hub="https://hub.example"),
    "kz": Site("kz", {"kk": "Қазақ орталығы", "en": "Kazakh centre"}, ("kk", "en")),
}
ID = "sco:01JD4XG2Q70000000000000000"
FACETS = {"kind": {"news": 3, "policy": 1}, "country": {"KZ": 2, "CN": 1}, "topic": {"waste": 4}}
PROVENANCE = Provenance("sco", 7, "ab" * 32, "cd" * 32, verified=True)
CENTRE = {
    "code": "sco",
    "names": {"zh": "上合", "en": "SCO & friends", "ru": "ШОС"},
    "languages": ["zh", "en", "ru"],
    "countries": ["KZ", "CN"],
    "public_key": "a2V5",
    "url": "",
    "state": "active",
    "records": 1_234,
    "admitted_at": "2026-01-01T00:00:00Z",
}


def record(**changes: Any) -> dict[str, Any]:
    """A record with three editions."""
    edition = {"summary": "", "origin": "human", "stale": False}
    return {
        "id": ID,
        "centre": "sco",
        "revision": 1,
        "state": "published",
        "kind": "news",
        "original_language": "zh",
        "editions": {
            "zh": {**edition, "title": "固体废物", "body": "<p>正文</p>", "origin": "original"},
            "en": {**edition, "title": "Solid waste", "body": "<p>Text</p>"},
            "ru": {**edition, "title": "Твёрдые отходы", "body": "<p>Текст</p>"},
        },
        "countries": ["KZ"],
        "topics": ["solid-waste"],
        "source": {"name": "", "url": ""},
        "dates": {"event": "2018-12-20", "original": "", "published": "2026-11-22T08:00:00Z"},
    } | changes


def hit(**changes: Any) -> Hit:
    """A card."""
    values: dict[str, Any] = {
        "id": ID, "centre": "sco", "kind": "news", "language": "en", "title": "Solid <waste>",
        "snippet": "about <mark>waste</mark> &amp; more", "date": "2018-12-20", "countries": ["KZ"],
        "topics": ["solid-waste"], "editions": ["en", "zh"],
    }  # fmt: skip
    return Hit(**(values | changes))


@dataclass(slots=True)
class MemorySource:
    """Answers what it was given, and keeps what it was asked."""

    results: Results = field(default_factory=lambda: Results(0, ()))
    view: RecordView | None = None
    tombstone: dict[str, Any] | None = None
    is_search_away: bool = False
    others: list[dict[str, Any]] = field(default_factory=list)
    standing: dict[str, Any] = field(default_factory=dict)
    asked: list[Query] = field(default_factory=list)
    gone: Sequence[Withdrawn] = ()

    async def search(self, query: Query) -> Results:
        self.asked.append(query)
        if self.is_search_away:
            raise Unavailable("Search does not answer.")
        return self.results

    async def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        if self.is_search_away:
            raise Unavailable("Search does not answer.")
        return [Suggestion("Solid waste", "topic", "solid-waste")]

    async def record(self, record_id: str, language: str) -> RecordView:
        if self.tombstone:
            raise Retracted(self.tombstone)
        if self.view is None:
            raise NotFound
        return self.view

    async def withdrawn(self, question: Question) -> Sequence[Withdrawn]:
        return self.gone

    async def documents(self, record_ids: Sequence[str]) -> Sequence[Document]:
        return [each for each in self.others if each["id"] in record_ids]

    async def stretches(self, length: int) -> Sequence[Stretch]:
        numbers = range(-(-1_234 // length))
        return [Stretch("sco", each, f"2026-11-2{each}T08:00:00Z") for each in numbers]

    async def listing(self, centre: str, number: int, length: int) -> Sequence[Listed]:
        everything = [Listed(f"sco:{each:026d}", "2026-11-22T08:00:00Z") for each in range(1_234)]
        return everything[number * length :][:length] if centre == "sco" else []

    async def centres(self) -> Sequence[Document]:
        return [CENTRE]

    async def federation(self) -> Document:
        standing = {
            "code": "sco", "state": "active", "records": 1_234, "rejected": 2, "last_seen": None,
            "last_entry": {"number": 1_300, "at": None}, "lag": {"entries": 3, "seconds": 1},
            "hold": None, "forks": 0, "resending": None, "missing": 0, "waiting": 0,
        } | self.standing  # fmt: skip
        search = {"state": "answering", "records": 1_234, "lag": 0}
        return {"centres": [standing], "search": search, "broker": "connected"}


def view(**changes: Any) -> RecordView:
    """A record as its page tells it."""
    return RecordView(record(**changes), PROVENANCE)


def full() -> MemorySource:
    """Answers everything."""
    return MemorySource(Results(41, [hit()], FACETS, did_you_mean="wastes"), view())


_answering: list[MemorySource] = []


@cache
def _application(site: str) -> FastAPI:
    """One application a site serves all tests: making it costs more than most pages."""
    return create_site(SITES[site], lambda _request: _answering[-1])


@asynccontextmanager
async def visiting(source: MemorySource, site: str = "hub") -> AsyncIterator[httpx.AsyncClient]:
    """A reader of a site that `source` answers."""
    _answering.append(source)
    transport = httpx.ASGITransport(_application(site))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as reader:
        yield reader
    _answering.remove(source)
