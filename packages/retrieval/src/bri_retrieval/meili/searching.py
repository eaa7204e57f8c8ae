"""From a question to a page of cards.

Rules:
- which reading of a question counts is decided without filters: a facet counts what choosing it
  shows, and pages fit together. Without filters the first reading that finds enough is the answer;
- past the question's deadline no facet is asked for;
- what has no words finds nothing; what is empty lists everything, the newest first;
- where there is an embedder, what is near in meaning is one query more among those that are joined,
  and what has to be there exactly has to be in all that is found (see meaning.fusion);
- what is shown of a card is made here, as every engine does.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bri_retrieval.embedded.cards import Shower
from bri_retrieval.embedded.searching import A_SENTENCE
from bri_retrieval.engine import FACETS, Mode, Query, Results
from bri_retrieval.meaning.embedder import EmbedderUnavailable
from bri_retrieval.meaning.fusion import CANDIDATES, FILTERED_CANDIDATES, SENTENCE, Kin, is_exact
from bri_retrieval.meili import reading
from bri_retrieval.meili.asking import ENOUGH, Asked, levels
from bri_retrieval.meili.joining import Joined, Wanted
from bri_retrieval.meili.narrowing import Filters, among, filters, narrowed
from bri_retrieval.meili.ranking import POOL, Ranking
from bri_retrieval.meili.remembering import Hit
from bri_retrieval.meili.source import Source
from bri_retrieval.thesaurus import Thesaurus

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning

_NEWEST = ("newest_day:desc", "newest_number:desc")
_CHANGED = ("changed:desc", "changed_number:desc")
_NEAR_FIRST = 2.0
"""Meilisearch's own scores are at most 1: what is near is among the first that are weighed anew."""

_Places = list[tuple[Hit, float]]


def search(
    source: Source, query: Query, thesaurus: Thesaurus, meaning: "Meaning | None"
) -> Results:
    """One page of what `query` asks for."""
    read = reading.read(source, query.text, thesaurus)
    by = filters(query)
    if (query.text.strip() and not read.asked) or not set(by) <= {"date", *source.facets}:
        return _empty()
    kin = _kin(query, read.asked, meaning, narrow=bool(by))
    page = _Page(source, query, read.asked, kin, by)
    return page.results(read.meant)


def _kin(
    query: Query, asked: Sequence[Asked], meaning: "Meaning | None", *, narrow: bool
) -> Kin | None:
    """What is near in meaning; None where words alone are asked, or can be."""
    if meaning is None or query.mode == "words" or not asked:
        return None
    try:
        count = FILTERED_CANDIDATES if narrow else CANDIDATES
        return meaning.akin(query.text, count, query.deadline)
    except EmbedderUnavailable:
        return None


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of one question."""

    source: Source
    query: Query
    asked: Sequence[Asked]
    kin: Kin | None
    by: Filters

    def results(self, meant: str) -> Results:
        readings = self._readings()
        if not readings:
            return replace(_empty(), did_you_mean=meant, mode=self._mode)
        wanted, found = self._found(readings)
        places = self._places(found)
        shower = Shower([term for each in self.asked for term in each.shown], self.query)
        cards = self.source.cards([hit for hit, _ in places])
        hits = shower.hits((cards[hit["id"]], score) for hit, score in places if hit["id"] in cards)
        counts, partial = self._counted(wanted, found)
        return Results(found.total, hits, counts, meant, partial, self._mode)

    @property
    def _mode(self) -> Mode:
        """What the question is compared by."""
        return self.query.mode if self.kin else "words"

    def _readings(self) -> list[list[Wanted]]:
        """What the question may mean, the strictest reading first."""
        if not self.asked:
            return [[Wanted("")]]
        if self.kin is None:
            return [list(map(Wanted, queries)) for queries in levels(self.asked)]
        asked, near = self._exactly(self.kin)
        if self.query.mode == "meaning":
            return [near] if near else []
        readings = [[*map(Wanted, queries), *near] for queries in levels(asked)]
        if len(asked) >= A_SENTENCE:
            readings = readings[1:] or readings
        return readings or ([near] if near else [])

    def _exactly(self, kin: Kin) -> tuple[Sequence[Asked], list[Wanted]]:
        """The terms, those required that have to be there exactly, and what is near in meaning."""
        exact = [e for e in self.asked if e.shown and is_exact(e.shown[0], self.query.text)]
        there = [each for each in exact if each.names]
        if len(there) < len(exact) and len(self.asked) - len(exact) < SENTENCE:
            return self.asked, []
        asked = [replace(each, required=True) if each in there else each for each in self.asked]
        text = " ".join(each.names[0].piece for each in there)
        near = [Wanted(text, among("records", kin.names), _NEAR_FIRST)] if kin.names else []
        return asked, near

    def _found(self, readings: Sequence[list[Wanted]]) -> tuple[list[Wanted], Joined]:
        """The strictest reading that finds enough, the loosest if none does, and what it finds."""
        for wanted in readings[:-1]:
            if self.by and self.source.joined(wanted, narrowed({}), 0).total < ENOUGH:
                continue
            found = self._asked_for(wanted)
            if self.by or found.total >= ENOUGH:
                return wanted, found
        return readings[-1], self._asked_for(readings[-1])

    def _asked_for(self, wanted: Sequence[Wanted]) -> Joined:
        """What this page is made of."""
        limit, offset = self.query.limit, self.query.offset
        if self._is_pooled:
            limit, offset = max(offset + limit, self._pool), 0
        return self.source.joined(
            wanted,
            narrowed(self.by),
            limit,
            offset=offset,
            sort=self._sort,
            facets=[] if self._is_late else [n for n in self.source.facets if n not in self.by],
        )

    def _places(self, found: Joined) -> _Places:
        if self._sort:
            return [(hit, 0.0) for hit in found.hits]
        places = [(hit, float(hit["_federation"]["weightedRankingScore"])) for hit in found.hits]
        if not self._is_pooled:
            return places
        words = self.query.mode != "meaning"
        ranking = Ranking(self.asked, self.source.total(), self.kin, words=words)
        pool = found.hits[: self._pool]
        best = ranking.ordered(pool, self.source.weighable(pool))
        offset = self.query.offset
        return [*best, *places[self._pool :]][offset : offset + self.query.limit]

    @property
    def _sort(self) -> Sequence[str]:
        """What the hits are in the order of; empty for the best match first."""
        if self.query.sort == "changed":
            return _CHANGED
        return _NEWEST if self.query.sort == "newest" or not self.asked else ()

    @property
    def _pool(self) -> int:
        """How many hits are weighed anew."""
        return POOL + (len(self.kin.names) if self.kin else 0)

    @property
    def _is_pooled(self) -> bool:
        return not self._sort and self.query.offset < self._pool

    @property
    def _is_late(self) -> bool:
        return time.monotonic() >= self.query.deadline

    def _counted(
        self, wanted: Sequence[Wanted], found: Joined
    ) -> tuple[dict[str, Mapping[str, int]], bool]:
        """The facets, those that a filter narrows counted without it, as far as time allows."""
        counts = {**dict.fromkeys(FACETS, _NONE), **found.facets}
        for own in (name for name in self.source.facets if name in self.by):
            if self._is_late:
                return counts, True
            alone = self.source.joined(wanted, narrowed(self.by, but=own), 0, facets=[own])
            counts |= alone.facets
        return counts, not found.facets and self._is_late


_NONE: Mapping[str, int] = {}


def _empty() -> Results:
    return Results(0, (), {name: {} for name in FACETS})
