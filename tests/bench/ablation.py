"""What each part of search is worth: `python -m tests.bench.ablation DIR`.

Each row leaves one part out, on the same records and questions as `tests.bench.relevance`, in this
process. `--memory FILE` keeps vectors for the next run; `--every N` asks every Nth question only.
"""

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

from bri.content.v1 import content_pb2
from rich.console import Console
from rich.table import Table

from bri_retrieval import analysis, segmentation
from bri_retrieval.embedded import EmbeddedEngine, fusing, schema
from bri_retrieval.engine import Change, Mode, Query
from bri_retrieval.meaning.backlog import Worker
from bri_retrieval.meaning.embedder import Vector
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.vectors import Near, Vectors
from bri_retrieval.stories.likeness import VectorLikeness
from bri_retrieval.stories.linker import Linker
from bri_retrieval.thesaurus import Thesaurus
from tests.bench.passages import (
    LANGUAGES,
    Figures,
    Passage,
    Question,
    document,
    figures,
    passages,
    questions,
    separate,
)
from tests.bench.remembering import Remembering

_AT_ONCE = 50
_COSINE_WORDS = 0.2
"""What words are worth beside a bare cosine: the best that was measured for it."""

console = Console(width=110)


class Shelf:
    """Passages in an engine of their own, with their vectors."""

    def __init__(
        self,
        path: Path,
        some: Sequence[Passage],
        embedder: Remembering,
        thesaurus: Thesaurus | None,
    ) -> None:
        self.meaning = Meaning(path / "meaning", embedder)
        self.engine = EmbeddedEngine(path / "index", thesaurus=thesaurus, meaning=self.meaning)
        numbers = {name: n for n, name in enumerate(dict.fromkeys(each.name for each in some))}
        records = [_record(at, numbers[each.name], each) for at, each in enumerate(some, 1)]
        self.passage = {a.id: b.name for a, b in zip(records, some, strict=True)}
        self.languages = {a.id: set(b.texts) for a, b in zip(records, some, strict=True)}
        self.engine.apply([Change(at, each.id, each) for at, each in enumerate(records, 1)])
        self.engine.commit()
        self.meaning.learn_background()
        worker = Worker(self.meaning, self.engine)
        while worker.work():
            pass

    def link(self) -> None:
        """Link what tells the same."""
        linker, names = Linker(self.engine, VectorLikeness(self.meaning.vectors)), [*self.passage]
        for start in range(0, len(names), _AT_ONCE):
            linker.relink(names[start : start + _AT_ONCE])
            self.engine.commit()

    def cards(self, question: Question, mode: Mode) -> list[set[str]]:
        """The records on each of the first ten cards."""
        asked = Query(question.text, language=question.language, mode=mode)
        return [{hit.id, *hit.story} for hit in self.engine.search(asked).hits]

    def figures(self, asked: Sequence[Question], mode: Mode) -> Figures:
        """How well `asked` are answered."""
        return figures([self._place(self.cards(each, mode), each.passage) for each in asked])

    def all_there(self, asked: Sequence[Question], mode: Mode) -> float:
        """The share of `asked` that have the answer in all languages on the first page."""
        return sum(self._has_all(self.cards(each, mode), each.passage) for each in asked) / len(
            asked
        )

    def _place(self, cards: Sequence[set[str]], wanted: str) -> int:
        found = [{self.passage[name] for name in card} for card in cards]
        return next((at for at, names in enumerate(found, 1) if wanted in names), 0)

    def _has_all(self, cards: Sequence[set[str]], wanted: str) -> bool:
        names = [name for card in cards for name in card if self.passage[name] == wanted]
        return {each for name in names for each in self.languages[name]} == set(LANGUAGES)

    def close(self) -> None:
        """Let go of everything."""
        self.engine.close()
        self.meaning.close()


def main(folder: Path, memory: Path | None, every: int) -> None:
    """Measure and print, row by row."""
    some, asked = passages(folder), questions(folder)
    by_language = {
        name: [each for each in asked if each.language == name][::every] for name in LANGUAGES
    }
    embedder = Remembering(memory)
    table = Table(title="MRR@10 within, recall@10 across, recall@1 together, all three on a page")
    for name in ("", *LANGUAGES, "across", "together", "separate"):
        table.add_column(name, justify="right" if name else "left")
    for name, (without, mode, thesaurus, linked) in _rows().items():
        with without:
            found = _measure(some, by_language, embedder, mode, thesaurus, linked)
        table.add_row(name, *(f"{each:.4f}" for each in found))
        print(name, *(f"{each:.4f}" for each in found), flush=True)
    console.print(table)


def _rows() -> dict[str, tuple[AbstractContextManager[None], Mode, Thesaurus | None, bool]]:
    return {
        "all": (nullcontext(), "hybrid", None, True),
        "words alone": (nullcontext(), "words", None, True),
        "meaning alone": (nullcontext(), "meaning", None, True),
        "no stemming": (_without_stemming(), "hybrid", None, True),
        "no segmentation": (_without_segmentation(), "hybrid", None, True),
        "no thesaurus": (nullcontext(), "hybrid", Thesaurus(), True),
        "no calibration": (_without_calibration(), "hybrid", None, True),
        "no stories": (nullcontext(), "hybrid", None, False),
        "neither of both": (_without_calibration(), "hybrid", None, False),
    }


def _measure(
    some: Sequence[Passage],
    asked: dict[str, list[Question]],
    embedder: Remembering,
    mode: Mode,
    thesaurus: Thesaurus | None,
    linked: bool,
) -> list[float]:
    within: list[float] = []
    across: list[float] = []
    for language in LANGUAGES:
        with _shelf(separate(some, [language]), embedder, thesaurus) as shelf:
            found = {name: shelf.figures(each, mode) for name, each in asked.items()}
        within.append(found.pop(language).mrr_10)
        across += [each.recall_10 for each in found.values()]
    with _shelf(some, embedder, thesaurus) as shelf:
        together = [shelf.figures(each, mode).recall_1 for each in asked.values()]
    with _shelf(separate(some, LANGUAGES), embedder, thesaurus) as shelf:
        if linked:
            shelf.link()
        there = [shelf.all_there(each, mode) for each in asked.values()]
    return [*within, *(sum(each) / len(each) for each in (across, together, there))]


@contextmanager
def _shelf(
    some: Sequence[Passage], embedder: Remembering, thesaurus: Thesaurus | None
) -> Iterator[Shelf]:
    with tempfile.TemporaryDirectory() as path:
        shelf = Shelf(Path(path), some, embedder, thesaurus)
        try:
            yield shelf
        finally:
            shelf.close()


def _record(at: int, number: int, passage: Passage) -> content_pb2.Record:
    written = document(number, passage)
    return content_pb2.Record(
        id=f"sco:{at:026d}",
        kind=content_pb2.KIND_NEWS,
        original_language=written["original_language"],
        editions=[
            content_pb2.Edition(language=language, title=each["title"], body=each["body"])
            for language, each in written["editions"].items()
        ],
    )


@contextmanager
def _without_stemming() -> Iterator[None]:
    known = schema.analyzers()
    unstemmed = {name: known["xx"] if name in LANGUAGES else each for name, each in known.items()}
    with (
        patch.object(analysis, "_stem", lambda token, _: token),
        patch.object(schema, "analyzers", lambda: unstemmed),
    ):
        analysis._known_stem.cache_clear()
        yield
    analysis._known_stem.cache_clear()


@contextmanager
def _without_segmentation() -> Iterator[None]:
    """Chinese character by character."""

    def apart(text: str) -> str:
        return segmentation.SEPARATOR.join(text)

    with (
        patch.object(segmentation, "chinese_words", list),
        patch.object(segmentation, "chinese_index", apart),
    ):
        yield


@contextmanager
def _without_calibration() -> Iterator[None]:
    """The bare cosine, as it is."""

    def akin(vectors: Vectors, vector: Vector, k: int) -> list[Near]:
        return [each._replace(affinity=each.cosine) for each in vectors.nearest(vector, k)]

    with ExitStack() as patched:
        patched.enter_context(patch.object(Vectors, "akin", akin))
        patched.enter_context(patch.object(fusing, "WORDS", _COSINE_WORDS))
        yield


if __name__ == "__main__":
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--memory", type=Path)
    parser.add_argument("--every", type=int, default=1)
    told = parser.parse_args()
    main(told.folder, told.memory, told.every)
