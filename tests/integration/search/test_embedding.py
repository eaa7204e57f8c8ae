"""Meaning in a running replica: whatever becomes of the embedder, words answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import httpx
import pytest
from bri.search.v1 import search_pb2

from bri_retrieval.meaning.embedder import Embedder, Vector
from bri_search import app
from tests.integration.search.conftest import Reader
from tests.integration.search.standin import StandInHub
from tests.support.embedding import RememberingEmbedder
from tests.support.fragile_embedder import CRASH, HANG, fragile_embedder
from tests.support.waiting import eventually

WORDS = search_pb2.MODE_WORDS
LONG = "held " * 100
PATIENCE = 60.0
DEADLINE = 6.0
"""Seconds; four times what readers have, for machines that are busy with other tests."""


class HeldEmbedder(RememberingEmbedder):
    """Takes as long for questions that begin with `held` as the test likes."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer, self.is_busy = Event(), Event()

    def embed_query(self, text: str) -> Vector:
        if text.startswith("held"):
            self.is_busy.set()
            self.may_answer.wait()
        return super().embed_query(text)


class Meant(Reader):
    """A replica with an embedder."""

    def __init__(self, data: Path, hub_url: str, embedder: Embedder) -> None:
        super().__init__(data, hub_url)
        self.settings.deadline_seconds = DEADLINE
        self.embedder = embedder

    async def ask(self, text: str) -> search_pb2.SearchResponse:
        request = search_pb2.SearchRequest(text=text, language="en", limit=10)
        answer: search_pb2.SearchResponse = await self.stub.Search(request, timeout=PATIENCE)
        return answer

    async def by_meaning(self, text: str = "warming") -> None:
        """Ask until the question is compared by meaning."""
        await eventually(lambda: self.ask(text), lambda got: got.mode != WORDS, seconds=PATIENCE)

    async def measured(self, name: str) -> float:
        async with httpx.AsyncClient(trust_env=False) as client:
            text = (await client.get(f"http://127.0.0.1:{self.http_port}/metrics")).text
        return next(
            float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} ")
        )


@pytest.fixture
async def held(
    hub: StandInHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Meant]:
    embedder = HeldEmbedder()
    meant = await started(hub, tmp_path, embedder, monkeypatch)
    yield meant
    embedder.may_answer.set()
    await meant.stop()


async def started(
    hub: StandInHub, data: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> Meant:
    monkeypatch.setattr(app, "open_embedder", lambda setting, key: embedder)
    meant = Meant(data, hub.url, embedder)
    await meant.start()
    return meant


async def test_long_questions_take_search_from_nobody(hub: StandInHub, held: Meant) -> None:
    """While the embedder is busy with the questions of four who ask without a pause, whoever else
    asks is answered, by words; and so are they. Nobody is refused."""
    await hub.publish("Glacier retreat")
    await held.caught_up(hub)
    await held.by_meaning()
    over = asyncio.Event()

    async def attack(number: int) -> list[search_pb2.SearchResponse]:
        got: list[search_pb2.SearchResponse] = []
        while not over.is_set():
            got.append(await held.ask(f"{LONG} {number} {len(got)}"))
        return got

    attackers = [asyncio.create_task(attack(number)) for number in range(4)]
    assert isinstance(held.embedder, HeldEmbedder)
    await asyncio.to_thread(held.embedder.is_busy.wait, PATIENCE)
    readers = await asyncio.gather(*(held.ask(f"glacier {number}") for number in range(6)))
    over.set()
    answers = readers + [each for some in await asyncio.gather(*attackers) for each in some]
    assert {each.mode for each in answers} == {WORDS}
    assert {each.hits[0].title for each in readers} == {"Glacier retreat"}
    assert await held.measured("search_answers_by_words_total") >= len(answers)


async def test_a_late_vector_is_not_wasted(hub: StandInHub, held: Meant) -> None:
    """A question that took longer than its share is known when it is asked again; another finds
    the embedder free."""
    await hub.publish("Glacier retreat")
    await held.caught_up(hub)
    await held.by_meaning()
    assert (await held.ask("held back")).mode == WORDS
    assert isinstance(held.embedder, HeldEmbedder)
    held.embedder.may_answer.set()
    for text in ("held back", "glaciers"):
        await held.by_meaning(text)


async def test_a_question_that_kills_the_embedder_is_answered(
    hub: StandInHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By words, as are the next; then there is another embedder."""
    monkeypatch.setattr("bri_retrieval.meaning.question_vectors.PAUSE_SECONDS", 0.1)
    meant = await started(hub, tmp_path, fragile_embedder(), monkeypatch)
    await hub.publish(f"Glacier retreat {CRASH} {HANG}")
    await meant.caught_up(hub)
    await meant.by_meaning()
    for text in (CRASH, HANG):
        answer = await meant.ask(text)
        assert (answer.mode, len(answer.hits)) == (WORDS, 1)
    await meant.stop()


async def test_a_record_that_kills_the_embedder_is_set_aside(
    hub: StandInHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found by its words, counted in the status and in the measurements; the others have
    their vectors."""
    meant = await started(hub, tmp_path, fragile_embedder(), monkeypatch)
    await hub.publish("Glacier retreat")
    await hub.publish(f"Wetlands {CRASH}")
    await eventually(
        meant.status,
        lambda got: (got.records, got.set_aside_meaning, got.embedding_backlog) == (2, 1, 0),
        seconds=PATIENCE,
    )
    assert "Wetlands" in (await meant.titles("wetlands"))[0]
    assert await meant.measured("search_embedding_set_aside") == 1.0
    await meant.stop()
