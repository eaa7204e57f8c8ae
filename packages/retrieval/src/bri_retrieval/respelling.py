"""A question that was typed on the wrong keyboard: in pinyin, romanised, or with the layout left
switched over.

Rules:
- only what the index does not know as it stands is respelt, and only to what it does know;
- pinyin may run together (`gutifeiwu`), stand apart (`guti feiwu`) or be initials (`gtfw`);
- Chinese comes first, then Russian, then the other keyboard layout;
- a beginning may break off within its last word.
"""

import re
from collections.abc import Iterator, Sequence, Set
from functools import cache
from typing import Protocol

from bri_retrieval import naming, pinyin, romanised
from bri_retrieval.analysis import words

_LONGEST = 48
"""Letters of pinyin that are tried; nobody types more without a look at the keyboard."""

_LONGEST_WORD = 24
_MOST_WORDS = 12
_SHORTEST_WORD = 3
_ROMANISED = re.compile(r"[a-z'’]+")
_WORDS = re.compile(r"\S+")


class Vocabulary(Protocol):
    """The words that occur in what can be found. Words are folded."""

    def knows(self, word: str) -> bool:
        """Whether `word` occurs in some form."""

    def spells(self, word: str, *, whole: bool) -> bool:
        """Whether `word` occurs spelt so or, unless it has to be `whole`, begins a title's word."""

    def sounding(self, letters: str, *, whole: bool) -> Sequence[str]:
        """Chinese words with this pinyin or these initials (unless `whole`: that begin so), the
        commonest first."""

    def near(self, word: str, typos: int) -> Sequence[str]:
        """Words within so many `typos` of `word`, the nearest and commonest first."""


def respell(text: str, vocabulary: Vocabulary, *, whole: bool = True) -> str | None:
    """`text` (folded) as it may have been meant, in its own script; None where nothing fits."""
    return (
        _chinese(text, vocabulary, whole)
        or _russian(text, vocabulary, whole)
        or _switched(text, vocabulary, whole)
    )


def _chinese(text: str, vocabulary: Vocabulary, whole: bool) -> str | None:
    if not re.fullmatch(r"[a-z0-9'’ ]+", text):
        return None
    letters = pinyin.typed(text)
    if not 1 < len(letters) <= _LONGEST:
        return None

    def choices(piece: str, is_last: bool) -> Sequence[str]:
        named = naming.sounding(piece, whole=True)
        if named or (len(piece) < _SHORTEST_WORD and pinyin.has_vowel(piece)):
            return named
        return vocabulary.sounding(piece, whole=True) or (
            () if whole or not is_last else vocabulary.sounding(piece, whole=False)
        )

    @cache
    def rest(start: int) -> str | None:
        """What the letters from `start` on spell, in as few words as possible."""
        if start == len(letters):
            return ""
        for end in range(min(len(letters), start + _LONGEST_WORD), start + 1, -1):
            heard = choices(letters[start:end], end == len(letters))
            if heard and (following := rest(end)) is not None:
                return heard[0] + following
        return None

    named = naming.sounding(letters, whole=whole)
    return named[0] if named else rest(0)


def _russian(text: str, vocabulary: Vocabulary, whole: bool) -> str | None:
    parts = text.split()
    if len(parts) > _MOST_WORDS:
        return None
    found = [
        _cyrillic(word, vocabulary, whole or place < len(parts))
        for place, word in enumerate(parts, 1)
    ]
    return " ".join(word for word in found if word) if found and all(found) else None


def _cyrillic(word: str, vocabulary: Vocabulary, whole: bool) -> str | None:
    if not _ROMANISED.fullmatch(word):
        return word if vocabulary.knows(word) else None
    candidates = romanised.spellings(word)
    spelt = (each for each in candidates if vocabulary.spells(each, whole=whole))
    if word_spelt := next(spelt, None):
        return word_spelt
    # By its stem only: of the forms that it may have, one that is a name's.
    known = [each for each in candidates if len(each) > 2 and vocabulary.knows(each)]
    return next(filter(naming.is_word, known), None) or next(iter(known), None)


def _switched(text: str, vocabulary: Vocabulary, whole: bool) -> str | None:
    other = romanised.switched(text)
    if other == text or len(text) <= 2:
        return None
    *before, last = words(other) or [""]
    fits = all(map(vocabulary.knows, before)) and (
        vocabulary.knows(last) or vocabulary.spells(last, whole=whole)
    )
    return other if fits else None


def runs(text: str, unknown: Set[str]) -> Iterator[tuple[int, int]]:
    """Where in `text` (folded) words of `unknown` stand in a row, from where to before where."""
    start = end = -1
    for found in _WORDS.finditer(text):
        if not unknown.isdisjoint(words(found[0])):
            start = found.start() if start < 0 else start
            end = found.end()
        elif start >= 0:
            yield start, end
            start = -1
    if start >= 0:
        yield start, end
