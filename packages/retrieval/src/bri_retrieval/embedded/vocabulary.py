"""The words that an index holds, asked for by spelling or by sound.

Whatever is answered occurs in a record that can be found now: what was retracted is never offered,
though the index still has its words.
"""

import re
from collections import Counter
from collections.abc import Sequence

from tantivy import Query, Searcher

from bri_retrieval import typos
from bri_retrieval.analysis import FAMILIES, stem
from bri_retrieval.embedded.documents import SOUNDS_LIKE, Card
from bri_retrieval.embedded.schema import PARTS, SCHEMA, read_card
from bri_retrieval.folding import fold
from bri_retrieval.segmentation import is_han

_SAMPLE = 12
"""Records that are looked into for what a misspelt word may have been."""

_MOST_SOUNDING = 3
_MOST_BEGINNINGS = 200
_SPELT = re.compile(r"[^\W\d_]{3,}")


class IndexVocabulary:
    """The vocabulary of the index as `searcher` sees it."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def knows(self, word: str) -> bool:
        """Whether `word` occurs in some form."""
        return any(
            self._searcher.doc_freq(f"{part}_{of}", stem(word, of))
            for of in FAMILIES
            for part in PARTS
        )

    def spells(self, word: str, *, whole: bool) -> bool:
        """Whether `word` occurs spelt so or, unless it has to be `whole`, begins a title's word."""
        if whole:
            return self._found(Query.term_query(SCHEMA, "words", word, index_option="basic"))
        return self._found(Query.phrase_prefix_query(SCHEMA, "typed", [word]))

    def sounding(self, letters: str, *, whole: bool) -> Sequence[str]:
        """Chinese words with this pinyin or these initials (unless `whole`: that begin so), the
        commonest first."""
        prefix = f"{letters}{SOUNDS_LIKE}" if whole else letters
        terms = self._searcher.terms_with_prefix("sounds", prefix, None, _MOST_BEGINNINGS)
        terms.sort(key=lambda each: (-each[1], each[0]))
        words = dict.fromkeys(term.partition(SOUNDS_LIKE)[2] for term, _ in terms)
        found = (word for word in words if self._heard(word))
        return [word for word, _ in zip(found, range(_MOST_SOUNDING), strict=False)]

    def near(self, word: str, allowed: int) -> list[str]:
        """Words within `allowed` typos of `word`, the commonest of the nearest first. The first
        letter is hardly ever the one that is wrong, so it has to be right."""
        for distance in range(1, allowed + 1):
            query = Query.fuzzy_term_query(SCHEMA, "words", word, distance)
            if found := self._nearest(query, word, distance):
                return found
        return []

    def _nearest(self, query: Query, word: str, distance: int) -> list[str]:
        hits = self._searcher.search(query, limit=_SAMPLE, count=False).hits
        counted: Counter[str] = Counter()
        for _, address in hits:
            counted.update(self._words(Card.load(read_card(self._searcher, address))))
        likely = (each for each in counted if each[0] == word[0])
        near = [each for each in likely if typos.distance(each, word, distance) <= distance]
        return sorted(near, key=lambda each: (-self._searcher.doc_freq("words", each), each))

    def _words(self, card: Card) -> set[str]:
        texts = (fold(" ".join(text)) for text in card.editions.values())
        return {word for text in texts for word in _SPELT.findall(text) if not is_han(word)}

    def _heard(self, word: str) -> bool:
        return self._found(Query.phrase_query(SCHEMA, "typed", list(word)))

    def _found(self, query: Query) -> bool:
        return bool(self._searcher.search(query, limit=1, count=False).hits)
