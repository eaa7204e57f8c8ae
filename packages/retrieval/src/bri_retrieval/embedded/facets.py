"""Filters, and facets that count what choosing a value would show.

Rules:
- values of one filter are alternatives, filters add up, and none has a say in the ranking;
- a facet obeys every filter but its own: with one country chosen, the others still tell how many
  records choosing them too would add. A range of dates is no choice of years, so all obey it;
- each facet is counted in full, or, where the deadline has passed, not at all.
"""

from collections.abc import Mapping, Sequence
from time import monotonic

from tantivy import FieldType, Occur, Searcher
from tantivy import Query as TantivyQuery

from bri_retrieval.embedded.schema import SCHEMA
from bri_retrieval.engine import FACETS, Query

_MOST_VALUES = 10_000
"""More than any facet has values: tantivy's counts are exact below."""

Filters = Mapping[str, TantivyQuery]
"""By facet; that of dates is `date`."""

Counts = dict[str, dict[str, int]]


def filters(query: Query) -> Filters:
    """What `query` narrows its results to."""
    by = {
        name: TantivyQuery.term_set_query(SCHEMA, name, list(wanted))
        for name, wanted in query.filters.items()
    }
    if query.days:
        by["date"] = TantivyQuery.range_query(SCHEMA, "day", FieldType.Unsigned, *query.days)
    return by


def narrowed(matching: TantivyQuery, by: Filters, but: str = "") -> TantivyQuery:
    """What of `matching` is left by the filters `by`, except the one named `but`."""
    silent = [TantivyQuery.const_score_query(each, 0.0) for name, each in by.items() if name != but]
    if not silent:
        return matching
    return TantivyQuery.boolean_query([(Occur.Must, each) for each in (matching, *silent)])


def count(
    searcher: Searcher, matching: TantivyQuery, by: Filters, deadline: float
) -> tuple[Counts, bool]:
    """How many of `matching` have each value, and whether some facets had to be left out because
    the time is after `deadline` (of `time.monotonic`)."""
    own = [name for name in FACETS if name in by]
    groups = [("", [name for name in FACETS if name not in by]), *((name, [name]) for name in own)]
    counted: Counts = {name: {} for name in FACETS}
    for but, names in groups:
        if monotonic() >= deadline:
            return counted, True
        counted.update(_counted(searcher, narrowed(matching, by, but), names))
    return counted, False


def _counted(searcher: Searcher, query: TantivyQuery, names: Sequence[str]) -> Counts:
    wanted = {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in names}
    found = searcher.aggregate(query, wanted)
    return {name: _in_order(found[name]["buckets"]) for name in names}


def _in_order(buckets: Sequence[Mapping[str, object]]) -> dict[str, int]:
    counts = [(str(bucket["key"]), int(str(bucket["doc_count"]))) for bucket in buckets]
    return dict(sorted(counts, key=lambda item: (-item[1], item[0])))
