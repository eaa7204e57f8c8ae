"""From a question to a page of cards.

Rules:
- a question is asked strictly first: all terms. Where fewer than ENOUGH records have them all,
  about half of the terms are enough, and then any;
- filters and pages have no say in that: a facet counts what choosing it shows, pages fit together;
- what has no words finds nothing; what is empty lists everything, the newest first.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tantivy import FieldType, Occur, Order, Searcher
from tantivy import Query as TantivyQuery

from bri_retrieval import question
from bri_retrieval.embedded.cards import Shower
from bri_retrieval.embedded.documents import Card
from bri_retrieval.embedded.matching import Asked, ask
from bri_retrieval.embedded.schema import SCHEMA, cursor_query, read_card
from bri_retrieval.engine import FACETS, Query, Results

ENOUGH = 10
"""So many records that match strictly make it needless to look for more."""

_MOST_VALUES = 10_000
"""More than any facet has values: tantivy's counts are exact below."""


def search(searcher: Searcher, query: Query) -> Results:
    """One page of what `query` asks for."""
    terms = question.read(query.text)
    asked = ask(searcher, terms)
    if query.text.strip() and not asked:
        return Results(0, (), {name: {} for name in FACETS})
    filtered = _filtered(_matching(searcher, asked), query)
    by_date = query.sort == "newest" or not asked
    found = searcher.search(
        filtered,
        limit=max(query.limit, 1),
        offset=query.offset,
        order_by_field="newest" if by_date else None,
        order=Order.Desc,
    )
    shower = Shower([term for each in asked for term in each.shown], query.language)
    hits = [
        shower.hit(Card.load(read_card(searcher, address)), 0.0 if by_date else score)
        for score, address in found.hits[: query.limit]
    ]
    return Results(_count(found), hits, _facets(searcher, filtered))


def _count(found: Any) -> int:
    """How many documents matched; the library's stubs leave it out."""
    return int(found.count)


def _matching(searcher: Searcher, asked: Sequence[Asked]) -> TantivyQuery:
    """The strictest reading of the question that finds enough; the loosest, if none does."""
    if not asked:
        everything = TantivyQuery.all_query()
        return TantivyQuery.boolean_query(
            [(Occur.Must, everything), (Occur.MustNot, cursor_query())]
        )
    quoted = sum(each.required for each in asked)
    for required in _levels(len(asked) - quoted, least=0 if quoted else 1):
        query = _requiring(asked, required)
        if query is not None and _count(searcher.search(query, limit=1)) >= ENOUGH:
            break
    return query or TantivyQuery.empty_query()


def _levels(optional: int, least: int) -> list[int]:
    """How many of so many optional terms are required: all, about half, as few as make sense."""
    return sorted({optional, (optional + 1) // 2, min(optional, least)}, reverse=True)


def _requiring(asked: Sequence[Asked], required: int) -> TantivyQuery | None:
    """Matches records with every quoted term and so many of the others."""
    quoted = [each.query for each in asked if each.required]
    others = [each.query for each in asked if not each.required and each.query]
    if None in quoted or len(others) < required:
        return None
    occur = Occur.Must if required == len(others) else Occur.Should
    clauses = [(Occur.Must, query) for query in quoted if query]
    clauses += [(occur, query) for query in others]
    return TantivyQuery.boolean_query(
        clauses, minimum_number_should_match=required if occur == Occur.Should else None
    )


def _filtered(matching: TantivyQuery, query: Query) -> TantivyQuery:
    filters = list(_filters(query))
    if not filters:
        return matching
    silent = [TantivyQuery.const_score_query(each, 0.0) for each in filters]
    return TantivyQuery.boolean_query([(Occur.Must, each) for each in (matching, *silent)])


def _filters(query: Query) -> Iterator[TantivyQuery]:
    values: Mapping[str, Sequence[str]] = {
        "centre": query.centres,
        "kind": query.kinds,
        "country": query.countries,
        "topic": query.topics,
        "edition": query.editions,
    }
    for name, wanted in values.items():
        if wanted:
            yield TantivyQuery.term_set_query(SCHEMA, name, list(wanted))
    if query.since or query.until:
        first = date.fromisoformat(query.since) if query.since else date.min
        last = date.fromisoformat(query.until) if query.until else date.max
        yield TantivyQuery.range_query(
            SCHEMA, "day", FieldType.Unsigned, first.toordinal(), last.toordinal()
        )


def _facets(searcher: Searcher, query: TantivyQuery) -> dict[str, dict[str, int]]:
    wanted = {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in FACETS}
    counted = searcher.aggregate(query, wanted)
    return {name: _in_order(counted[name]["buckets"]) for name in FACETS}


def _in_order(buckets: Sequence[Mapping[str, object]]) -> dict[str, int]:
    counts = [(str(bucket["key"]), int(str(bucket["doc_count"]))) for bucket in buckets]
    return dict(sorted(counts, key=lambda item: (-item[1], item[0])))
