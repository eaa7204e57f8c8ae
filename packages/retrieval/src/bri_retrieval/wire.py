"""Questions and answers as they travel between hub and search: one place for both ends.

Nothing is checked here: whoever takes a question from outside checks it first.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from bri.search.v1 import search_pb2

from bri_retrieval.engine import Hit, Query, Results, Sort, Suggestion

SORTS: dict[int, Sort] = {
    search_pb2.SORT_UNSPECIFIED: "relevance",
    search_pb2.SORT_RELEVANCE: "relevance",
    search_pb2.SORT_NEWEST: "newest",
}
_SORT_VALUES = {name: value for value, name in SORTS.items()}


def write_query(query: Query) -> search_pb2.SearchRequest:
    """The request that asks `query`."""
    return search_pb2.SearchRequest(**_values(query) | {"sort": _SORT_VALUES[query.sort]})


def read_query(request: search_pb2.SearchRequest) -> Query:
    """The question in a request."""
    return Query(**_values(request, Query) | {"sort": SORTS[request.sort]})


def write_results(results: Results) -> search_pb2.SearchResponse:
    """The answer to a search."""
    response = search_pb2.SearchResponse(
        total=results.total, hits=[search_pb2.Hit(**_values(hit)) for hit in results.hits]
    )
    for name, counts in results.facets.items():
        facet = response.facets.add(name=name)
        for value, count in counts.items():
            facet.counts.add(value=value, count=count)
    return response


def read_results(response: search_pb2.SearchResponse) -> Results:
    """The results in an answer."""
    facets = {
        facet.name: {each.value: each.count for each in facet.counts} for facet in response.facets
    }
    return Results(response.total, [Hit(**_values(hit, Hit)) for hit in response.hits], facets)


def write_suggestions(suggestions: Sequence[Suggestion]) -> search_pb2.SuggestResponse:
    """The answer to what is being typed."""
    written = [search_pb2.Suggestion(**_values(each)) for each in suggestions]
    return search_pb2.SuggestResponse(suggestions=written)


def read_suggestions(response: search_pb2.SuggestResponse) -> list[Suggestion]:
    """The completions in an answer."""
    return [Suggestion(**_values(each, Suggestion)) for each in response.suggestions]


def _values(source: Any, shape: type[Any] | None = None) -> dict[str, Any]:
    """What `source` holds for each field of `shape`, a dataclass; of its own where none is given.
    Messages and dataclasses of the contract name their fields alike."""
    return {each.name: getattr(source, each.name) for each in fields(shape or source)}
