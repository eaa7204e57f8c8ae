"""What readers get where there is no page."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bri_kit import web
from bri_kit.policy import HEADER
from bri_kit.settings import ServiceSettings
from bri_pages.app import create_site
from bri_pages.source import Document
from bri_retrieval.engine import Query, Results
from tests.unit.pages.source import HUB, ID, MemorySource, visiting


async def test_a_retracted_record_is_a_tombstone() -> None:
    """What was withdrawn answers 410 with when, why and by whom, and nothing of its text."""
    tombstone = {
        "id": ID, "centre": "sco", "retracted_at": "2026-11-22T08:00:00Z", "reason": "Wrong figure",
    }  # fmt: skip
    async with visiting(MemorySource(tombstone=tombstone)) as reader:
        answer = await reader.get(f"/en/records/{ID}")
    assert answer.status_code == 410
    assert "Wrong figure" in answer.text
    assert "SCO &amp; friends" in answer.text


@pytest.mark.parametrize(
    "path", ["nothing", "countries/XX", "topics/none", "centres/none", "records/none", "news/more"]
)
async def test_what_is_not_there_is_a_page(path: str) -> None:
    """An address with nothing behind it is answered 404 in words, with a search box."""
    async with visiting(MemorySource()) as reader:
        answer = await reader.get(f"/ru/{path}")
    assert answer.status_code == 404
    assert "Не найдено" in answer.text
    assert 'type="search"' in answer.text


class Broken(MemorySource):
    """Fails as nobody expected, whatever is asked."""

    async def search(self, query: Query) -> Results:
        raise RuntimeError("secret words")

    async def centres(self) -> Sequence[Document]:
        raise RuntimeError("secret words")


@pytest.mark.parametrize(
    ("path", "words"),
    [("/ru/", "Что-то пошло не так"), ("/zh/news", "出现错误"), ("/de/", "出现错误")],
)
async def test_what_nobody_expected_is_a_page_too(path: str, words: str) -> None:
    """In the reader's language, with the request's id, which the answer carries, and with nothing
    of what went wrong."""
    async with behind_the_edge(Broken()) as reader:
        answer = await reader.get(path, follow_redirects=True)
    assert answer.status_code == 500
    assert words in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "secret" not in answer.text
    assert "default-src" in answer.headers[HEADER]


@asynccontextmanager
async def behind_the_edge(source: MemorySource) -> AsyncIterator[httpx.AsyncClient]:
    """A reader of the hub's pages as a service mounts them."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield

    app = web.create_app(
        title="t", description="d", lifespan=lifespan, settings=ServiceSettings(data=Path(), port=0)
    )
    app.mount("/", create_site(HUB, lambda _request: source))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as reader:
        yield reader
