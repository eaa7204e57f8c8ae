"""Passages published in a federation of their own, and what its readers find.

Rules:
- records go in by a node's import, and questions are asked of the hub over HTTP, in every mode, as
  readers ask them;
- nothing is asked before all is embedded and linked;
- a machine that is busy answers late, or by words alone: such a question is asked again; what is
  answered by words alone all the same, because it has none to embed, counts as it is.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx
import orjson

from tests.bench import federation
from tests.bench.federation import Federation, NotReady
from tests.bench.passages import Passage, Question, document

FIRST_PAGE = 10
_AT_ONCE = 4
_SEARCHABLE_SECONDS = 3 * 3_600
_AGAIN_SECONDS = 0.5
_TRIES = 60
_STARTS = 3
_LISTED = 100

Card = set[str]
"""The identifiers of the records on it."""

Answers = Mapping[str, Sequence[Sequence[Card]]]
"""For each mode and question, the first page."""


class Published:
    """What was published: the passage and language of each record."""

    def __init__(self, some: Sequence[Passage], identifiers: Sequence[str]) -> None:
        named = list(zip(identifiers, some, strict=True))
        self.passage = {name: each.name for name, each in named}
        self.languages = {name: frozenset(each.texts) for name, each in named}

    def place(self, cards: Sequence[Card], wanted: str) -> int:
        """Where the answer is among the cards, from 1; 0 where it is not."""
        found = [{self.passage.get(name) for name in card} for card in cards]
        return next((at for at, names in enumerate(found, 1) if wanted in names), 0)

    def has_all(self, cards: Sequence[Card], wanted: str) -> bool:
        """Whether the cards have the answer in every language that it was published in."""
        there = {name for name, passage in self.passage.items() if passage == wanted}
        return there <= {name for card in cards for name in card}


class Found(NamedTuple):
    """What was published, what was asked and answered, all cards there are, and how many seconds
    it took until all could be found, and to answer."""

    published: Published
    asked: Sequence[Question]
    answers: Answers
    cards: Sequence[Card]
    filling: float
    answering: float


def ask(
    some: Sequence[Passage], asked: Sequence[Question], engine: str, modes: Sequence[str]
) -> Found:
    """Publish passages, and ask every question in every mode.

    Raises:
        NotReady: the federation does not start, tried _STARTS times.
    """
    for _ in range(_STARTS - 1):
        with suppress(NotReady):
            return _asked(some, asked, engine, modes)
    return _asked(some, asked, engine, modes)


def _asked(
    some: Sequence[Passage], asked: Sequence[Question], engine: str, modes: Sequence[str]
) -> Found:
    with (
        TemporaryDirectory() as data,
        federation.federation(Path(data), "--no-samples", "--engine", engine) as running,
    ):
        return asyncio.run(_ask(running, some, asked, modes))


async def _ask(
    running: Federation, some: Sequence[Passage], asked: Sequence[Question], modes: Sequence[str]
) -> Found:
    async with httpx.AsyncClient(timeout=60) as client:
        began = time.perf_counter()
        identifiers = await _publish(client, running, some)
        await _await_all(client, running, len(some))
        filled = time.perf_counter()
        published = Published(some, identifiers)
        answers = {mode: await _answers(client, running, asked, mode) for mode in modes}
        answered = time.perf_counter()
        cards = await _all_cards(client, running)
    return Found(published, asked, answers, cards, filled - began, answered - filled)


async def _publish(
    client: httpx.AsyncClient, running: Federation, some: Sequence[Passage]
) -> list[str]:
    numbers = {
        name: number for number, name in enumerate(dict.fromkeys(each.name for each in some))
    }
    lines = [orjson.dumps(document(numbers[each.name], each)) for each in some]
    answer = await client.post(
        f"{running.node}/api/v1/imports?publish=true",
        content=b"\n".join(lines),
        headers={
            "Authorization": f"Bearer {running.token}",
            "Content-Type": "application/x-ndjson",
        },
        timeout=_SEARCHABLE_SECONDS,
    )
    answer.raise_for_status()
    rows = [orjson.loads(line) for line in answer.content.splitlines()]
    if refused := [row for row in rows if "error" in row]:
        raise RuntimeError(f"{len(refused)} records were rejected: {refused[0]}")
    return [str(row["id"]) for row in rows if "id" in row]


async def _await_all(client: httpx.AsyncClient, running: Federation, count: int) -> None:
    async def can_be_found() -> bool:
        try:
            answer = await client.get(f"{running.hub}/api/v1/status")
        except httpx.TransportError:
            return False
        status = answer.json()["search"] if answer.is_success else {}
        return bool(status.get("records") == count and not status.get("embedding_backlog"))

    await federation.until(can_be_found, _SEARCHABLE_SECONDS, _AGAIN_SECONDS)


async def _answers(
    client: httpx.AsyncClient, running: Federation, asked: Sequence[Question], mode: str
) -> list[list[Card]]:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def answer(question: Question) -> list[Card]:
        given = {"q": question.text, "lang": question.language, "mode": mode, "limit": FIRST_PAGE}
        async with slots:
            found = await _patiently(client, running, given, lambda got: got["mode"] == mode)
        return _cards(found)

    return list(await asyncio.gather(*map(answer, asked)))


async def _all_cards(client: httpx.AsyncClient, running: Federation) -> list[Card]:
    """Every card that there is."""
    cards: list[Card] = []
    while True:
        given = {"q": "", "lang": "en", "limit": _LISTED, "offset": len(cards)}
        found = _cards(await _patiently(client, running, given, lambda _: True))
        cards += found
        if len(found) < _LISTED:
            return cards


def _cards(found: Mapping[str, Any]) -> list[Card]:
    return [{hit["id"], *hit["story"]} for hit in found["hits"]]


async def _patiently(
    client: httpx.AsyncClient,
    running: Federation,
    given: Mapping[str, Any],
    is_answer: Callable[[Mapping[str, Any]], bool],
) -> Mapping[str, Any]:
    """What the hub's search answers once it answers as it should; after _TRIES what it does answer.

    Raises:
        RuntimeError: it does not answer, or refuses the question.
    """
    told, found = "", None
    for _ in range(_TRIES):
        try:
            reply = await client.get(f"{running.hub}/api/v1/search", params=given)
        except httpx.TransportError as reason:
            told = repr(reason)
        else:
            found = reply.json() if reply.is_success else None
            if found and is_answer(found):
                break
            told = f"{reply.status_code} {reply.text[:200]}"
            if reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
                break
        await asyncio.sleep(_AGAIN_SECONDS)
    if found:
        return dict(found)
    raise RuntimeError(f"search does not answer {given}: {told}")
