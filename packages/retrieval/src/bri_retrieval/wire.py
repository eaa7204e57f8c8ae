"""Questions and answers as they travel between hub and search: one place for both ends.

Rules:
- nothing is checked here: whoever takes a question from outside checks it first;
- whatever an index holds can be sent: text that is not Unicode, or longer than any title, and lists
  longer than any record's, are cut, so that one record never makes an answer too large, or fail.
"""

from collections.abc import Sequence, Set
from dataclasses import fields
from math import inf
from typing import Any

from bri.search.v1 import search_pb2

from bri_retrieval.engine import Hit, Mode, Query, Results, Sort, Suggestion, Version

SORTS: dict[int, Sort] = {
    search_pb2.SORT_UNSPECIFIED: "relevance",
    search_pb2.SORT_RELEVANCE: "relevance",
    search_pb2.SORT_NEWEST: "newest",
    search_pb2.SORT_CHANGED: "changed",
}
_SORT_VALUES = {name: value for value, name in SORTS.items()}
MODES: dict[search_pb2.Mode, Mode] = {
    search_pb2.MODE_UNSPECIFIED: "hybrid",
    search_pb2.MODE_WORDS: "words",
    search_pb2.MODE_MEANING: "meaning",
    search_pb2.MODE_HYBRID: "hybrid",
}
_MODE_VALUES = {name: value for value, name in MODES.items()}
TOLD = ("bri-told-by", "search")
"""Goes with a refusal whose words are the search service's own, and no library's."""

LONGEST = 2_000
"""Characters of a text in an answer; snippets, which are HTML, are left out where they are longer
than LONGEST_SNIPPET, instead of being cut."""

LONGEST_SNIPPET = 8_000
MOST_VALUES = 300
"""Values of a list in a hit: more than any record may have."""

LONGEST_FACET = 200
"""Characters of a value that is counted; longer ones are no code or language."""

_ASKED = [each.name for each in fields(Query) if each.name != "deadline"]
_NAMES = {shape: [each.name for each in fields(shape)] for shape in (Hit, Version, Suggestion)}


def write_query(query: Query) -> search_pb2.SearchRequest:
    """The request that asks `query`."""
    values = {name: _of_unicode(getattr(query, name)) for name in _ASKED}
    chosen = {"sort": _SORT_VALUES[query.sort], "mode": _MODE_VALUES[query.mode]}
    return search_pb2.SearchRequest(**values | chosen)


def read_query(request: search_pb2.SearchRequest, deadline: float = inf) -> Query:
    """The question in a request that has to be answered by `deadline` (of `time.monotonic`)."""
    values = {name: getattr(request, name) for name in _ASKED}
    chosen = {"sort": SORTS[request.sort], "mode": MODES[request.mode]}
    return Query(**values | chosen, deadline=deadline)


def write_results(results: Results) -> search_pb2.SearchResponse:
    """The answer to a search."""
    response = search_pb2.SearchResponse(
        total=results.total,
        hits=[_write_hit(hit) for hit in results.hits],
        did_you_mean=_bounded(results.did_you_mean),
        partial=results.partial,
        mode=_MODE_VALUES[results.mode],
    )
    for name, counts in results.facets.items():
        facet = response.facets.add(name=name)
        for value, count in counts.items():
            if len(value) <= LONGEST_FACET:
                facet.counts.add(value=_bounded(value), count=count)
    return response


def read_results(response: search_pb2.SearchResponse) -> Results:
    """The results in an answer."""
    facets = {
        facet.name: {each.value: each.count for each in facet.counts} for facet in response.facets
    }
    hits = [_read_hit(hit) for hit in response.hits]
    mode = MODES[response.mode] if response.mode else "words"
    return Results(response.total, hits, facets, response.did_you_mean, response.partial, mode)


def _write_hit(hit: Hit) -> search_pb2.Hit:
    values = _bounded_values(hit, Hit)
    if len(hit.snippet) > LONGEST_SNIPPET:
        values["snippet"] = ""
    elif len(hit.snippet) > LONGEST:
        values["snippet"] = _unicode(hit.snippet)
    if hit.versions:
        values["versions"] = [
            search_pb2.Version(**_bounded_values(each, Version)) for each in hit.versions
        ]
    return search_pb2.Hit(**values)


def _read_hit(hit: search_pb2.Hit) -> Hit:
    values = _values(hit, Hit)
    values["versions"] = [Version(**_values(each, Version)) for each in hit.versions]
    return Hit(**values)


def write_suggestions(suggestions: Sequence[Suggestion]) -> search_pb2.SuggestResponse:
    """The answer to what is being typed."""
    written = [search_pb2.Suggestion(**_bounded_values(each, Suggestion)) for each in suggestions]
    return search_pb2.SuggestResponse(suggestions=written)


def read_suggestions(response: search_pb2.SuggestResponse) -> list[Suggestion]:
    """The completions in an answer."""
    return [Suggestion(**_values(each, Suggestion)) for each in response.suggestions]


def write_matches(
    cursor: int, ids: Sequence[str], matches: Sequence[Set[str]]
) -> search_pb2.PercolateResponse:
    """The answer to a percolation of `ids`, with the cursor of the engine that answered."""
    places = {name: place for place, name in enumerate(ids)}
    written = [
        search_pb2.PercolateMatch(places=sorted(places[name] for name in found))
        for found in matches
    ]
    return search_pb2.PercolateResponse(matches=written, cursor=cursor)


def read_matches(response: search_pb2.PercolateResponse, ids: Sequence[str]) -> list[set[str]]:
    """The records that matched each question, of those that were asked about."""
    return [{ids[place] for place in each.places} for each in response.matches]


def _values(source: Any, shape: type[Any]) -> dict[str, Any]:
    """What `source` holds for each field of the dataclass `shape`: messages and dataclasses of the
    contract name their fields alike."""
    return {name: getattr(source, name) for name in _NAMES[shape]}


def _bounded_values(source: Any, shape: type[Any]) -> dict[str, Any]:
    return {name: _bounded(value) for name, value in _values(source, shape).items()}


def _bounded(value: Any) -> Any:
    """Texts and lists no longer than they may be; anything else as it is."""
    if isinstance(value, str):
        return _unicode(value[:LONGEST])
    if isinstance(value, Sequence):
        return [_bounded(each) for each in value[:MOST_VALUES]]
    return value


def _of_unicode(value: Any) -> Any:
    """Texts, also in lists, that a message can hold; anything else as it is."""
    if isinstance(value, str):
        return _unicode(value)
    return [*map(_of_unicode, value)] if isinstance(value, Sequence) else value


def _unicode(text: str) -> str:
    """`text` with U+FFFD for lone surrogates, which no message holds."""
    return (
        text
        if text.isascii()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )
