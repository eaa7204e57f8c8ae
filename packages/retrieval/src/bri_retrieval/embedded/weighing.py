"""A term as a tantivy query, in every field that holds it.

Rules:
- a term is asked in every field that holds it, whatever the language: the index knows;
- it weighs the same in all fields: as rare as it is in the field that has it most often. Otherwise
  an English word would count for more in the one Chinese record that happens to quote it;
- within a language the parts of an edition add up, a title more than a summary more than a body;
  between languages the best one counts, so that many editions are no advantage.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tantivy import Occur, Query, Searcher

from bri_retrieval.analysis import FAMILIES, Family
from bri_retrieval.embedded.schema import PARTS, SCHEMA
from bri_retrieval.question import Term

BOOSTS = {"title": 2.5, "summary": 1.5, "body": 1.0}


@dataclass(frozen=True, slots=True)
class _Place:
    """A field that holds all tokens of a term, and how many documents of it hold each."""

    family: Family
    part: str
    tokens: tuple[str, ...]
    counts: tuple[int, ...]


class Weighed(NamedTuple):
    """A query and how rare what it finds is: its tokens' inverse document frequencies, summed."""

    query: Query
    rarity: float


def exact(searcher: Searcher, term: Term, slop: int = 0) -> Query | None:
    """Finds `term`, its tokens in a row with at most `slop` others between; None where no field
    holds them all."""
    found = weigh(searcher, term, slop)
    return found.query if found else None


def weigh(searcher: Searcher, term: Term, slop: int = 0) -> Weighed | None:
    """What `exact` finds, weighed."""
    places = _places(searcher, term)
    if not places:
        return None
    most: dict[str, int] = {}
    for place in places:
        for token, count in zip(place.tokens, place.counts, strict=True):
            most[token] = max(count, most.get(token, 0))
    families: dict[Family, list[Query]] = {}
    for place in places:
        query = _weighed(place, most, searcher.num_docs, slop)
        families.setdefault(place.family, []).append(query)
    rarity = sum(_idf(count, searcher.num_docs) for count in most.values())
    return Weighed(best([_sum(queries) for queries in families.values()]), rarity)


def best(queries: Sequence[Query]) -> Query:
    """Finds what any of `queries` finds, with the best of their scores."""
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries)


def _places(searcher: Searcher, term: Term) -> list[_Place]:
    places = []
    for of in FAMILIES:
        form = term.forms[of]
        for part in PARTS if form else ():
            counts = tuple(searcher.doc_freq(f"{part}_{of}", token) for token in form)
            if all(counts):
                places.append(_Place(of, part, form, counts))
    return places


def _weighed(place: _Place, most: dict[str, int], total: int, slop: int) -> Query:
    field = f"{place.part}_{place.family}"
    if len(place.tokens) == 1:
        query = Query.term_query(SCHEMA, field, place.tokens[0])
    else:
        query = Query.phrase_query(SCHEMA, field, list(place.tokens), slop)
    rarity = sum(_idf(most[token], total) for token in place.tokens)
    rarity_here = sum(_idf(count, total) for count in place.counts)
    return Query.boost_query(query, BOOSTS[place.part] * rarity / rarity_here)


def _idf(count: int, total: int) -> float:
    """BM25's inverse document frequency as tantivy computes it (Robertson & Zaragoza, 2009)."""
    return math.log(1 + (max(total - count, 0) + 0.5) / (count + 0.5))


def _sum(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
