"""Real passages and what people asked of them, as records and as figures.

The folder is described in shared/relevance/README.md; it is read and never copied. `xquad-dev` is
one half of the articles; another prefix names another half. A folder may lack some of it: languages
of a passage, passages that are asked for, the indicators.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

LANGUAGES = ("en", "zh", "ru")
SDG_LANGUAGES = ("kk", "ky", "tg", "km", "lo", "my")

_HALF = 0.5
_PASSAGES, _QUERIES = ".passages.jsonl", ".queries.jsonl"
_INDICATORS = "sdg-indicators.jsonl"


class Question(NamedTuple):
    """What was asked in a language, and the passage that answers it."""

    text: str
    language: str
    passage: str


class Passage(NamedTuple):
    """A passage by its name, in some languages."""

    name: str
    texts: Mapping[str, str]


class Figures(NamedTuple):
    """Shares of the questions: the answer came first, was among the first ten; the mean of one
    divided by its place among the first ten."""

    recall_1: float
    recall_10: float
    mrr_10: float


def prefixes(folder: Path) -> list[str]:
    """What passages with questions the folder has."""
    names = sorted(each.name.removesuffix(_PASSAGES) for each in folder.glob(f"*{_PASSAGES}"))
    return [name for name in names if (folder / f"{name}{_QUERIES}").is_file()]


def passages(folder: Path, prefix: str = "xquad-dev") -> list[Passage]:
    """The passages in LANGUAGES."""
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows(folder / f"{prefix}{_PASSAGES}"):
        if row["lang"] in LANGUAGES:
            texts[row["id"]][row["lang"]] = row["text"]
    return [Passage(name, some) for name, some in texts.items()]


def questions(folder: Path, prefix: str = "xquad-dev") -> list[Question]:
    """The questions in LANGUAGES."""
    return [
        Question(row["text"], row["lang"], row["passage"])
        for row in _rows(folder / f"{prefix}{_QUERIES}")
        if row["lang"] in LANGUAGES
    ]


def indicators(folder: Path) -> tuple[list[Passage], list[Question]]:
    """The SDG indicators in English, and their titles in SDG_LANGUAGES as questions; none where the
    folder has none."""
    path = folder / _INDICATORS
    rows = [row for row in _rows(path) if "en" in row["text"]] if path.is_file() else []
    asked = [
        Question(row["text"][language], language, row["id"])
        for language in SDG_LANGUAGES
        for row in rows
        if language in row["text"]
    ]
    return [Passage(row["id"], {"en": row["text"]["en"]}) for row in rows], asked


def separate(some: Iterable[Passage], languages: Sequence[str]) -> list[Passage]:
    """Each language version by itself."""
    return [
        Passage(each.name, {language: each.texts[language]})
        for language in languages
        for each in some
        if language in each.texts
    ]


def halved(some: Iterable[Passage], seed: int = 0) -> list[Passage]:
    """Each language version by itself, with about half of the translations taken out: of each
    passage one version stays, and every other one by chance."""
    chance = random.Random(seed)
    kept = []
    for each in some:
        always = chance.choice(sorted(each.texts))
        stay = [name for name in each.texts if name == always or chance.random() < _HALF]
        kept += separate([each], stay)
    return kept


def document(number: int, passage: Passage) -> dict[str, Any]:
    """A passage as a client posts it. Its titles have no words that anybody asks for, and no two
    versions share one: what the passage says shall find it, and link it."""
    language = next(iter(passage.texts))
    return {
        "kind": "news",
        "original_language": language,
        "editions": {
            each: {
                "title": f"#{number * len(LANGUAGES) + LANGUAGES.index(each)}",
                "body": f"<p>{escape(text)}</p>",
            }
            for each, text in passage.texts.items()
        },
    }


def figures(places: Sequence[int]) -> Figures:
    """Of the places of answers, from 1; 0 for one that was not among the first ten."""
    return Figures(
        _mean(places, lambda place: place == 1),
        _mean(places, lambda place: place > 0),
        _mean(places, lambda place: 1 / place if place else 0.0),
    )


def _mean(places: Sequence[int], worth: Callable[[int], float]) -> float:
    return sum(map(worth, places)) / len(places) if places else 0.0


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    # By line feeds alone: texts have other characters that Python takes for the end of a line.
    return (json.loads(line) for line in path.read_text("utf-8-sig").split("\n") if line.strip())
