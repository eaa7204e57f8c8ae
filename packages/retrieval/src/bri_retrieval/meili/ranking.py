"""The best of what Meilisearch found, in the order of every other engine.

Rules:
- Meilisearch sorts into buckets by rules, which for a question of several words says little; so
  the first POOL of what it found are weighed anew: BM25 (Robertson & Zaragoza, 2009), with the
  number of cards that have each term, which the server has counted, filters or not;
- within an edition title, summary and body add up; of the editions the best counts for each term,
  and of the names of a thing the best: another name than the one asked counts WIDENED of it;
- with meaning, the affinity of the nearest record is added (see meaning.fusion); the newer of
  equals comes first.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from bri_retrieval.embedded.matching import WIDENED
from bri_retrieval.embedded.recency import MOST as RECENT_WORDS
from bri_retrieval.embedded.recency import YEARS
from bri_retrieval.meaning.fusion import RECENT_AFFINITY, WORDS, Kin
from bri_retrieval.meili.asking import Asked, Name
from bri_retrieval.meili.remembering import Hit
from bri_retrieval.meili.weighing import Edition, Weighable

POOL = 50
"""So many hits are weighed anew, and with them all that are near in meaning; those after them stay
in Meilisearch's order."""

WEIGHTS = {"title": 2.5, "summary": 1.5, "body": 1.0}
_MIDDLE = {"title": 12, "summary": 40, "body": 300}
"""Tokens of a middling part; what is longer has to repeat a word more often."""

_SATURATION, _LENGTH = 1.2, 0.75
"""k1 and b, as tantivy has them."""


class Ranking:
    """Weighs what one question found, among `total` cards."""

    def __init__(
        self, asked: Sequence[Asked], total: int, kin: Kin | None, *, words: bool = True
    ) -> None:
        self._asked = asked if words else ()
        self._total = total
        self._kin = kin
        self._year = datetime.now(UTC).year
        unknown = self._rarity(0)
        ceiling = sum(self._rarity(e.own.cards) if e.own else unknown for e in asked)
        self._share = WORDS / ((_SATURATION + 1) * ceiling) if ceiling else 0.0

    def ordered(self, hits: Sequence[Hit], found: Sequence[Weighable]) -> list[tuple[Hit, float]]:
        """`hits`, which are the documents `found`, with their scores, the best first; of equals the
        newest."""
        named = {hit["id"]: hit for hit in hits}
        scored = [(self.score(each), each.newest, each.name) for each in found]
        return [(named[name], score) for score, _, name in sorted(scored, reverse=True)]

    def score(self, found: Weighable) -> float:
        """How well a document answers."""
        lexical = self._lexical(found.editions)
        if self._kin is None:
            return lexical + RECENT_WORDS * self._recency(found)
        affinities = (self._kin.affinities.get(name, 0.0) for name in found.records)
        nearest = max(0.0, *affinities)
        return nearest + self._share * lexical + RECENT_AFFINITY * self._recency(found)

    def _lexical(self, editions: Sequence[Edition]) -> float:
        return sum(self._term(each, editions) for each in self._asked)

    def _term(self, asked: Asked, editions: Sequence[Edition]) -> float:
        best = self._weight(asked.own, editions) if asked.own else 0.0
        rarity = self._rarity(asked.own.cards) if asked.own else 0.0
        for name in asked.others:
            # Another name counts as if it were as rare as what was asked.
            own = self._rarity(name.cards)
            share = WIDENED * (rarity / own if rarity else 1 / asked.parts)
            best = max(best, share * self._weight(name, editions))
        return best

    def _weight(self, name: Name, editions: Sequence[Edition]) -> float:
        wanted = f" {' '.join(name.tokens)} ".encode()
        return self._rarity(name.cards) * max(
            (_weight(edition, wanted) for edition in editions), default=0.0
        )

    def _rarity(self, count: int) -> float:
        """BM25's inverse document frequency, as the embedded engine has it."""
        return math.log(1 + (max(self._total - count, 0) + 0.5) / (count + 0.5))

    def _recency(self, found: Weighable) -> float:
        ages = [self._year - year for year in found.years if 0 <= self._year - year < YEARS]
        return (YEARS - min(ages)) / YEARS if ages else 0.0


def _weight(edition: Edition, wanted: bytes) -> float:
    weight = 0.0
    for (text, length), (part, boost) in zip(edition, WEIGHTS.items(), strict=True):
        if times := text.count(wanted):
            stretch = 1 - _LENGTH + _LENGTH * length / _MIDDLE[part]
            weight += boost * times * (_SATURATION + 1) / (times + _SATURATION * stretch)
    return weight
