"""A source that answers from memory, and a harvester in the same process."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from fastapi import FastAPI
from lxml import etree

from bri_exchange import sets
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
from bri_kit.errors import Unavailable

ADDRESS = "http://hub.test"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
CENTRE = {
    "code": "sco",
    "names": {"zh": "上合", "en": "SCO & friends"},
    "languages": ["zh", "en"],
    "countries": ["KZ"],
    "url": "https://sco.example",
}
POLICY = {
    "jurisdiction": "RU", "instrument": "law", "number": "7-ФЗ", "authority": "Дума",
    "status": "in-force", "adopted": "2018-12-24", "in_force": "2019-01-01",
    "amends": ["96-ФЗ"], "repeals": [],
}  # fmt: skip


def a_document(number: int, **changes: Any) -> dict[str, Any]:
    """A record as the public API shows it."""
    edition = {"summary": "", "origin": "human", "stale": False}
    return {
        "id": identifier(number),
        "centre": "sco",
        "revision": 1,
        "state": "published",
        "kind": "news",
        "original_language": "zh",
        "editions": {
            "zh": {**edition, "title": "固体废物", "body": "<p>正文</p>", "origin": "original"},
            "en": {**edition, "title": "Waste <law> & \x0bmore", "body": "<p>Text</p>"},
        },
        "countries": ["KZ"],
        "topics": ["solid-waste"],
        "source": {"name": "中国环境报", "url": "https://example.org/?a=1&b=2"},
        "dates": {"event": "2018-12-20", "published": "2026-11-22T08:00:00.000Z"},
    } | changes


def identifier(number: int) -> str:
    """What the record of a number is known by."""
    return f"sco:{number:026d}"


@dataclass(slots=True)
class MemoryRepository:
    """Items by the numbers of their changes; `epoch` is that of the log."""

    items: dict[int, Item] = field(default_factory=dict)
    epoch: str = "first"
    is_behind: bool = False
    licence: str = ""
    head: int = 0

    def put(self, number: int, at: str = "2026-11-22T08:00:00.000Z", **changes: Any) -> None:
        """A record changes, or comes: its item moves to the end."""
        document = a_document(number, **changes)
        self._place(Item(document["id"], at, _sets(document), document))

    def withdraw(self, number: int, at: str = "2026-11-22T09:00:00.000Z") -> None:
        """A record goes."""
        (held,) = (each for each in self.items.values() if each.record_id == identifier(number))
        self._place(replace(held, at=at, document=None, is_deleted=True))

    def _place(self, item: Item) -> None:
        kept = {n: each for n, each in self.items.items() if each.record_id != item.record_id}
        self.head += 1
        self.items = kept | {self.head: item}

    async def repository(self) -> Repository:
        return Repository(
            "hub",
            {"en": "The hub", "zh": "枢纽"},
            ADDRESS,
            "ops@hub.example",
            "2026-01-01T00:00:00.000Z",
            ("zh", "en"),
            {kind: {"en": kind} for kind in ("news", "policy")},
            {"news": "/zh/news.atom", "policy": "/zh/policies.atom"},
            self.licence,
            has_dumps=True,
        )

    async def centres(self) -> Sequence[Document]:
        return [CENTRE]

    async def countries(self) -> Sequence[str]:
        return ["CN", "KZ"]

    async def page(self, selection: Selection) -> Page:
        if self.is_behind:
            raise Unavailable("Please come again.")
        if selection.after and selection.epoch != self.epoch:
            raise PositionLost
        found = [
            (number, item)
            for number, item in sorted(self.items.items())
            if number > selection.after
            and (selection.set in ("", *item.sets, *(sets.split(e)[0] for e in item.sets)))
            and (selection.since or "0") <= item.at <= (selection.until or "9")
        ]
        rows = found[: selection.limit]
        items = [item if selection.whole else replace(item, document=None) for _, item in rows]
        total = len(found) if selection.counted else None
        return Page(items, rows[-1][0] if rows else 0, self.epoch, len(found) > len(rows), total)

    async def item(self, record_id: str) -> Item | None:
        return next((each for each in self.items.values() if each.record_id == record_id), None)

    async def holdings(self) -> Sequence[Holding]:
        return [
            Holding("sco", "news", 7, "2026-11-22T08:00:00.000Z"),
            Holding("sco", "policy", 2, "2026-11-21T08:00:00.000Z"),
        ]


def _sets(document: Document) -> list[str]:
    return sets.specs_of("sco", document["kind"], document["countries"])


@asynccontextmanager
async def asking(repository: MemoryRepository) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks what `repository` answers."""
    app = FastAPI()
    app.include_router(create_exchange(lambda _request: repository))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        yield client


async def ask(client: httpx.AsyncClient, **arguments: str) -> Any:
    """The answer to a request, read as XML; `from_` is `from`."""
    params = {name.rstrip("_"): value for name, value in arguments.items()}
    answer = await client.get("/oai", params=params)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    return etree.fromstring(answer.content)


def code_of(document: Any) -> str:
    """The error that an answer tells; empty where it tells none."""
    error = document.find(f"{OAI}error")
    return "" if error is None else str(error.get("code"))


def identifiers(document: Any) -> list[str]:
    """The records of a list."""
    return [each.text for each in document.iter(f"{OAI}identifier")]


@contextmanager
def pages_of(size: int, monkeypatch: Any) -> Iterator[None]:
    """Lists are given in pages of this size."""
    with monkeypatch.context() as patched:
        patched.setattr("bri_exchange.oai.answering.PAGE", size)
        yield


def some() -> MemoryRepository:
    """Three records of two countries and kinds, one of them withdrawn."""
    repository = MemoryRepository()
    repository.put(1)
    repository.put(2, kind="policy", countries=["CN"], policy=POLICY)
    repository.put(3, countries=[])
    repository.withdraw(3)
    return repository
