"""Words and meaning as one tantivy query, so that order, total, pages and facets are all of the
same records.

Rules:
- found is what the words find, and what is near in meaning (see meaning.fusion);
- each record's score is the affinity of its nearest passage, be it found for it or not, plus the
  share of the best score that its words could have;
- of the records of one card the nearest counts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tantivy import Occur, Query, Searcher

from bri_retrieval.embedded.matching import Asked, finds
from bri_retrieval.embedded.schema import SCHEMA
from bri_retrieval.meaning.fusion import SENTENCE, WORDS, Kin, is_exact

_SATURATED = 2.2
"""BM25's factor for a term that fills a document: k1 + 1, as tantivy has it."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """One question's words, and the records near in meaning."""

    asked: Sequence[Asked]
    exact: Sequence[Query | None]
    """What has to be there as it stands; None what no record has so."""
    kin: Kin

    def found(self, lexical: Query | None) -> Query:
        """Finds what `lexical` does and what is near in meaning, in no order, with everything that
        has to be there exactly."""
        if None in self.exact and len(self.asked) - len(self.exact) < SENTENCE:
            return lexical or Query.empty_query()
        near = Query.term_set_query(SCHEMA, "id", self.kin.names)
        either = [(Occur.Should, each) for each in (lexical, near) if each is not None]
        clauses = [(Occur.Must, Query.boolean_query(either))]
        clauses += [(Occur.Must, each) for each in self.exact if each is not None]
        return Query.boolean_query(clauses)

    def ranked(self, searcher: Searcher, found: Query, *, words: bool) -> Query:
        """`found`, scored by meaning and, with `words`, by words."""
        clauses = [(Occur.Must, Query.const_score_query(found, 0.0))]
        if words and (lexical := [each.query for each in self.asked if each.query]):
            sum_of_words = Query.boolean_query([(Occur.Should, each) for each in lexical])
            share = Query.boost_query(sum_of_words, WORDS / self._ceiling(searcher))
            clauses.append((Occur.Should, share))
        if self.kin.affinities:
            clauses.append((Occur.Should, nearest(self.kin.affinities)))
        return Query.boolean_query(clauses)

    def _ceiling(self, searcher: Searcher) -> float:
        """The score of a body that is filled with every one of the words."""
        unknown = math.log(1 + (searcher.num_docs + 0.5) / 0.5)
        return _SATURATED * sum(each.rarity or unknown for each in self.asked)


def exact(searcher: Searcher, asked: Sequence[Asked], text: str) -> list[Query | None]:
    """Of the terms of the question `text`, those that have to be there as they stand; None for each
    that no record has so, be it that each of its words is known."""
    terms = [each for each in asked if each.shown and is_exact(each.shown[0], text)]
    return [each.query if each.query and finds(searcher, each.query) else None for each in terms]


def nearest(affinities: Mapping[str, float]) -> Query:
    """Finds the cards of these records, each by its best affinity."""
    return Query.disjunction_max_query(
        [
            Query.const_score_query(
                Query.term_query(SCHEMA, "id", name, index_option="basic"), affinity
            )
            for name, affinity in affinities.items()
            if affinity > 0
        ]
    )
