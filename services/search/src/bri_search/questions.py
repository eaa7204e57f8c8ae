"""What may be asked over gRPC."""

from dataclasses import replace
from datetime import date
from math import inf

from bri.search.v1 import search_pb2

from bri_retrieval import wire
from bri_retrieval.engine import (
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_TEXT,
    MOST_PERCOLATED,
    MOST_TEXTS,
    Query,
)

DEFAULT_LANGUAGE = "en"


class UnacceptableQuestion(Exception):
    """The question breaks a limit; the message says which, in words."""


def read_search(request: search_pb2.SearchRequest, deadline: float = inf) -> Query:
    """The question in a request that has to be answered by `deadline` (of `time.monotonic`).

    Raises:
        UnacceptableQuestion: it is too long, asks for too much, or has a date that is none.
    """
    _check_text(request.text)
    _check_number("limit", request.limit, MAX_LIMIT)
    _check_number("offset", request.offset, MAX_OFFSET)
    _check_date("since", request.since)
    _check_date("until", request.until)
    if request.sort not in wire.SORTS:
        raise UnacceptableQuestion(f"sort: {request.sort} is not a known order.")
    if request.mode not in wire.MODES:
        raise UnacceptableQuestion(f"mode: {request.mode} is not a known mode.")
    query = wire.read_query(request, deadline)
    return query if query.language else replace(query, language=DEFAULT_LANGUAGE)


def read_suggest(request: search_pb2.SuggestRequest) -> tuple[str, str, int]:
    """What was typed, the reader's language, and how many completions are wanted.

    Raises:
        UnacceptableQuestion: it is too long or asks for too much.
    """
    _check_text(request.text)
    _check_number("limit", request.limit, MAX_LIMIT)
    return request.text, request.language or DEFAULT_LANGUAGE, request.limit


def read_related(request: search_pb2.RelatedRequest) -> tuple[str, str, int]:
    """The record, the reader's language, and how many related records are wanted.

    Raises:
        UnacceptableQuestion: it asks for too much.
    """
    _check_number("limit", request.limit, MAX_LIMIT)
    return request.id, request.language or DEFAULT_LANGUAGE, request.limit


def read_percolate(request: search_pb2.PercolateRequest) -> tuple[list[str], list[str]]:
    """The records and the texts to be asked of each.

    Raises:
        UnacceptableQuestion: they are too many, or a text is too long.
    """
    _check_number("ids", len(request.ids), MOST_PERCOLATED)
    _check_number("texts", len(request.texts), MOST_TEXTS)
    for text in request.texts:
        _check_text(text)
    return list(request.ids), list(request.texts)


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
