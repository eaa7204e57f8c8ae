"""`make bench-relevance DIR=../shared/relevance`: how well readers find what they ask for.

The passages go the ordinary way, from a node's import to the hub, its search and its embedder, in a
federation of their own for each shape; the questions are asked of the hub over HTTP. Shapes: one
language's records alone (`en`, `zh`, `ru`), three records a passage (`separate`), one record with
three editions (`together`). `--engine` names the engine, `--prefix` another half of the passages.
All federations share one embedder, which remembers: the same texts are in every shape. `--memory`
names a file where that is kept for another run.
"""

import asyncio
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson
from rich.console import Console
from rich.table import Table

from tests.bench import federation
from tests.bench.federation import Federation
from tests.bench.passages import (
    LANGUAGES,
    SDG_LANGUAGES,
    Figures,
    Passage,
    Question,
    document,
    figures,
    indicators,
    passages,
    questions,
    separate,
)
from tests.bench.remembering import Remembering, served

MODES = ("words", "meaning", "hybrid")
WITHIN_GOALS = {"en": 0.985, "zh": 0.975, "ru": 0.975}
ACROSS_GOAL, SEPARATE_GOAL, TOGETHER_GOAL, INDICATORS_GOAL = 0.975, 0.97, 0.965, 0.90
_WAIT_SECONDS = 1_800
_AT_ONCE = 4
console = Console(width=110)
Answers = Mapping[str, Sequence[Sequence[set[str]]]]
"""For each mode and question, the first ten cards: the identifiers of the records of each."""


class Published:
    """What was published: the passage and language of each record."""

    def __init__(self, some: Sequence[Passage], identifiers: Sequence[str]) -> None:
        self.passage = {name: each.name for name, each in zip(identifiers, some, strict=True)}
        self.languages = {
            name: set(each.texts) for name, each in zip(identifiers, some, strict=True)
        }

    def place(self, cards: Sequence[set[str]], wanted: str) -> int:
        """Where the answer is among the cards, from 1; 0 where it is not."""
        found = [{self.passage.get(name) for name in card} for card in cards]
        return next((at for at, names in enumerate(found, 1) if wanted in names), 0)

    def has_all(self, cards: Sequence[set[str]], wanted: str) -> bool:
        """Whether the cards have the answer in every language."""
        names = {name for card in cards for name in card if self.passage.get(name) == wanted}
        return {each for name in names for each in self.languages[name]} == set(LANGUAGES)


def main(folder: Path, prefix: str, engine: str, modes: Sequence[str]) -> None:
    """Measure every shape and print."""
    some, asked = passages(folder, prefix), questions(folder, prefix)
    alone: dict[str, dict[str, dict[str, Figures]]] = {}
    for language in LANGUAGES:
        published, answers = ask(separate(some, [language]), asked, engine, modes)
        alone[language] = {mode: _by_language(published, asked, answers[mode]) for mode in modes}
    print_alone(alone, modes)
    published, answers = ask(some, asked, engine, modes)
    print_together({mode: _by_language(published, asked, answers[mode]) for mode in modes})
    published, answers = ask(separate(some, LANGUAGES), asked, engine, modes)
    print_separate(published, asked, answers)
    indicated, titles = indicators(folder)
    published, answers = ask(indicated, titles, engine, modes)
    print_indicators({mode: _by_language(published, titles, answers[mode]) for mode in modes})


def ask(
    some: Sequence[Passage], asked: Sequence[Question], engine: str, modes: Sequence[str]
) -> tuple[Published, Answers]:
    """Publish passages in a federation of their own, and ask every question in every mode."""
    with (
        tempfile.TemporaryDirectory() as data,
        federation.federation(Path(data), "--no-samples", "--engine", engine) as running,
    ):
        return asyncio.run(_ask(running, some, asked, modes))


async def _ask(
    running: Federation, some: Sequence[Passage], asked: Sequence[Question], modes: Sequence[str]
) -> tuple[Published, Answers]:
    async with httpx.AsyncClient(timeout=60) as client:
        published = Published(some, await _publish(client, running, some))
        answers = {mode: await _answers(client, running, asked, mode) for mode in modes}
    return published, answers


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
    )
    answer.raise_for_status()
    rows = [orjson.loads(line) for line in answer.content.splitlines()]
    identifiers = [str(row["id"]) for row in rows if "id" in row]
    if len(identifiers) != len(some):
        raise RuntimeError(f"records were rejected: {rows[-1]}")

    async def embedded() -> bool:
        status = (await client.get(f"{running.hub}/api/v1/status")).json()["search"]
        return bool(status.get("records") == len(some) and not status.get("embedding_backlog"))

    await federation.until(embedded, _WAIT_SECONDS, 0.5)
    return identifiers


async def _answers(
    client: httpx.AsyncClient, running: Federation, asked: Sequence[Question], mode: str
) -> list[list[set[str]]]:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def answer(question: Question) -> list[set[str]]:
        given = {"q": question.text, "lang": question.language, "mode": mode}
        async with slots:
            reply = await client.get(f"{running.hub}/api/v1/search", params=given)
        reply.raise_for_status()
        found: dict[str, Any] = reply.json()
        if found["mode"] != mode:
            raise RuntimeError(f"search answered by {found['mode']}, not by {mode}")
        return [{hit["id"], *hit["story"]} for hit in found["hits"]]

    return list(await asyncio.gather(*map(answer, asked)))


def _by_language(
    published: Published, asked: Sequence[Question], cards: Sequence[Sequence[set[str]]]
) -> dict[str, Figures]:
    places: dict[str, list[int]] = {}
    for question, some in zip(asked, cards, strict=True):
        place = published.place(some, question.passage)
        places.setdefault(question.language, []).append(place)
    return {language: figures(each) for language, each in places.items()}


def print_alone(
    alone: Mapping[str, Mapping[str, Mapping[str, Figures]]], modes: Sequence[str]
) -> None:
    """Question's language against the records' language."""
    for mode in modes:
        table = _table(f"{mode}: recall@1 / recall@10 (MRR@10), question by records", *LANGUAGES)
        for asked in LANGUAGES:
            cells = [alone[language][mode][asked] for language in LANGUAGES]
            table.add_row(asked, *(f"{a:.3f} / {b:.3f} ({c:.4f})" for a, b, c in cells))
        pairs = [(a, b) for a in LANGUAGES for b in LANGUAGES if a != b]
        across = sum(alone[b][mode][a].recall_10 for a, b in pairs) / len(pairs)
        same = ", ".join(f"{WITHIN_GOALS[each]:.3f}" for each in LANGUAGES)
        table.caption = (
            f"recall@10 across languages, mean of the six pairs: {across:.4f} "
            f"(goal {ACROSS_GOAL}); goals of MRR@10 within: {same}"
        )
        console.print(table)


def print_together(found: Mapping[str, Mapping[str, Figures]]) -> None:
    """Records of three editions, by the question's language."""
    table = _table("together: recall@1 / recall@10 (MRR@10)", *LANGUAGES, "mean recall@1", "goal")
    for mode, by_language in found.items():
        cells = [by_language[language] for language in LANGUAGES]
        mean = sum(each.recall_1 for each in cells) / len(cells)
        row = [f"{a:.3f} / {b:.3f} ({c:.4f})" for a, b, c in cells]
        table.add_row(mode, *row, f"{mean:.4f}", str(TOGETHER_GOAL))
    console.print(table)


def print_separate(published: Published, asked: Sequence[Question], answers: Answers) -> None:
    """Three records a passage: are all three on the first page?"""
    title = "separate: share of questions with all three versions on the first page"
    table = _table(title, *LANGUAGES, "mean", "goal")
    for mode, cards in answers.items():
        shares = []
        for language in LANGUAGES:
            some = [
                published.has_all(each, question.passage)
                for question, each in zip(asked, cards, strict=True)
                if question.language == language
            ]
            shares.append(sum(some) / len(some))
        mean = sum(shares) / len(shares)
        row = [f"{each:.3f}" for each in shares]
        table.add_row(mode, *row, f"{mean:.4f}", str(SEPARATE_GOAL))
    console.print(table)


def print_indicators(found: Mapping[str, Mapping[str, Figures]]) -> None:
    """SDG indicators in English, asked for by their titles in other languages."""
    table = _table("SDG indicators, against en: recall@10", *SDG_LANGUAGES, "mean", "goal")
    for mode, by_language in found.items():
        cells = [by_language[language].recall_10 for language in SDG_LANGUAGES]
        mean = sum(cells) / len(cells)
        row = [f"{each:.3f}" for each in cells]
        table.add_row(mode, *row, f"{mean:.4f}", str(INDICATORS_GOAL))
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table


if __name__ == "__main__":
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prefix", default="xquad-dev")
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    parser.add_argument("--memory", type=Path, help="a file that keeps vectors for the next run")
    told = parser.parse_args()
    with served(Remembering(told.memory)) as address:
        os.environ["BRI_SEARCH_EMBEDDER"] = address
        main(told.folder, told.prefix, told.engine, told.modes)
