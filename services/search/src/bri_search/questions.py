"""What may be asked over gRPC, and in what shape it is answered."""

from collections.abc import Sequence
from datetime import date

from bri.search.v1 import search_pb2

from bri_retrieval.engine import (
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_TEXT,
    Hit,
    Query,
    Results,
    Sort,
    Suggestion,
)

DEFAULT_LANGUAGE = "en"
_SORTS: dict[int, Sort] = {
    search_pb2.SORT_UNSPECIFIED: "relevance",
    search_pb2.SORT_RELEVANCE: "relevance",
    search_pb2.SORT_NEWEST: "newest",
}


class UnacceptableQuestion(Exception):
    """The question breaks a limit; the message says which, in words."""


def read_search(request: search_pb2.SearchRequest) -> Query:
    """The question in a request.

    Raises:
        UnacceptableQuestion: it is too long, asks for too much, or has a date that is none.
    """
    _check_text(request.text)
    _check_number("limit", request.limit, MAX_LIMIT)
    _check_number("offset", request.offset, MAX_OFFSET)
    _check_date("since", request.since)
    _check_date("until", request.until)
    if request.sort not in _SORTS:
        raise UnacceptableQuestion(f"sort: {request.sort} is not a known order.")
    return Query(
        text=request.text,
        language=request.language or DEFAULT_LANGUAGE,
        centres=request.centres,
        kinds=request.kinds,
        countries=request.countries,
        topics=request.topics,
        editions=request.editions,
        since=request.since,
        until=request.until,
        sort=_SORTS[request.sort],
        limit=request.limit,
        offset=request.offset,
    )


def read_suggest(request: search_pb2.SuggestRequest) -> tuple[str, str, int]:
    """What was typed, the reader's language, and how many completions are wanted.

    Raises:
        UnacceptableQuestion: it is too long or asks for too much.
    """
    _check_text(request.text)
    _check_number("limit", request.limit, MAX_LIMIT)
    return request.text, request.language or DEFAULT_LANGUAGE, request.limit


def write_results(results: Results) -> search_pb2.SearchResponse:
    """The answer to a search."""
    response = search_pb2.SearchResponse(
        total=results.total, hits=[_write_hit(hit) for hit in results.hits]
    )
    for name, counts in results.facets.items():
        facet = response.facets.add(name=name)
        for value, count in counts.items():
            facet.counts.add(value=value, count=count)
    return response


def write_suggestions(suggestions: Sequence[Suggestion]) -> search_pb2.SuggestResponse:
    """The answer to what is being typed."""
    return search_pb2.SuggestResponse(
        suggestions=[
            search_pb2.Suggestion(text=each.text, source=each.source, code=each.code)
            for each in suggestions
        ]
    )


def _write_hit(hit: Hit) -> search_pb2.Hit:
    return search_pb2.Hit(
        id=hit.id,
        centre=hit.centre,
        kind=hit.kind,
        language=hit.language,
        title=hit.title,
        snippet=hit.snippet,
        date=hit.date,
        countries=hit.countries,
        topics=hit.topics,
        editions=hit.editions,
        story=hit.story,
        score=hit.score,
    )


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise UnacceptableQuestion(f"text: must not be longer than {MAX_TEXT} characters.")


def _check_number(name: str, value: int, most: int) -> None:
    if value > most:
        raise UnacceptableQuestion(f"{name}: must not be more than {most}.")


def _check_date(name: str, text: str) -> None:
    try:
        good = not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if not good:
        raise UnacceptableQuestion(f"{name}: {text[:40]!r} is not a date such as 2019-01-08.")
