"""The words that an index holds, asked for by spelling or by sound (respelling.Vocabulary).

Rules:
- every question to a server takes its time: all spellings that a text may be meant in are asked for
  at once, and how all words sound is asked for once between two commits;
- of words by their sound the commonest are known, as many as a facet has values.
"""

import re
from collections.abc import Iterator, Sequence

from bri_retrieval import romanised, typos
from bri_retrieval.folding import fold, printable, tidy
from bri_retrieval.meili.source import Source
from bri_retrieval.meili.tokens import tokenize

_SPELT = re.compile(r"[a-z\u0430-\u052f]{3,24}")
_LATIN = re.compile(r"[a-z'’]+")
_SAMPLE = 12
"""Cards that are looked into for what a misspelt word may have been."""

_MOST_SOUNDING = 3
_MOST_SPELLINGS = 300


class MeiliVocabulary:
    """The words of one index that `text`, or words of it, may be meant for."""

    def __init__(self, source: Source, text: str, *, whole: bool = True) -> None:
        self._source = source
        self._words = list(dict.fromkeys(_spellings(text)))[:_MOST_SPELLINGS]
        self._known: dict[str, int] = {}
        words = self._words
        self._spelt = dict(zip(words, source.spelt(words), strict=True)) if whole else {}
        self._begun = {} if whole else dict(zip(words, source.begin_titles(words), strict=True))

    def knows(self, word: str) -> bool:
        """Whether `word` occurs in some form."""
        if word not in self._known:
            words = list({word, *self._words} - self._known.keys())
            counts = self._source.counted(list(map(_asked, words)))
            self._known |= dict(zip(words, counts, strict=True))
        return bool(self._known[word])

    def spells(self, word: str, *, whole: bool) -> bool:
        """Whether `word` occurs spelt so or, unless it has to be `whole`, begins a title's word."""
        if not whole:
            if word not in self._begun:
                self._begun[word] = self._source.begin_titles([word])[0]
            return self._begun[word]
        if word not in self._spelt:
            self._spelt[word] = self._source.spelt([word])[0]
        return bool(self._spelt[word])

    def sounding(self, letters: str, *, whole: bool) -> Sequence[str]:
        """Chinese words with this pinyin or these initials (unless `whole`: that begin so), the
        commonest first."""
        found: dict[str, int] = {}
        for sound, word, count in self._source.sounds().begun(letters):
            if sound == letters or not whole:
                found[word] = max(count, found.get(word, 0))
        return sorted(found, key=lambda word: (-found[word], word))[:_MOST_SOUNDING]

    def near(self, word: str, allowed: int | None = None) -> list[str]:
        """Words within `allowed` typos of `word`, else as many as it may have, the nearest first,
        then the commonest."""
        allowed = typos.allowance(word) if allowed is None else allowed
        spelt: set[str] = set()
        for card in self._source.near(word, _SAMPLE):
            for _, text in card.texts():
                spelt.update(_SPELT.findall(fold(" ".join(text))))
        far = {each: typos.distance(each, word, allowed) for each in spelt}
        near = [each for each in far if 0 < far[each] <= allowed]
        counts = dict(zip(near, self._source.spelt(near), strict=True)) if near else {}
        return sorted(near, key=lambda each: (far[each], -counts[each], each))


def _spellings(text: str) -> Iterator[str]:
    folded = fold(tidy(printable(text)))
    for word in folded.split():
        if _LATIN.fullmatch(word):
            yield from romanised.spellings(word)
    yield from romanised.switched(folded).split()


def _asked(word: str) -> str:
    tokens = " ".join(tokenize(word))
    return f'"{tokens}"' if tokens else '"\U000f0000"'
