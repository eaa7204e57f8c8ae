"""A question to a service as a value: what is sent, and how the answer is read. No I/O.

Rules:
- what is `repeatable` has the same effect once and several times, and may be asked again where no
  answer came; nothing else is ever sent twice;
- a call names a path of the service and never another host, so that a token stays where it belongs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

import orjson

from bri_client.errors import AnswerNotUnderstood

Result = TypeVar("Result")
Answer_co = TypeVar("Answer_co", covariant=True)
Item = TypeVar("Item")
Value = str | int | Sequence[str]
Params = Mapping[str, Value]

JSON = "application/json"
NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer_co]):
    """One request, and what becomes of the answer's body."""

    method: str
    path: str
    read: Callable[[bytes], Answer_co]
    params: Params = field(default_factory=dict)
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Listing(Generic[Result, Item]):
    """A list that is answered in pages: `first` asks for one, `items` are those of a page, and
    `after` asks for the next one, or is None after the last."""

    first: Call[Result]
    items: Callable[[Result], Sequence[Item]]
    after: Callable[[Result], "Listing[Result, Item] | None"]


def segment(text: str) -> str:
    """Text as one segment of a path, whatever is in it."""
    return quote(text, safe=":")


def said(params: Mapping[str, Value | None]) -> dict[str, Value]:
    """The parameters that say something."""
    return {name: value for name, value in params.items() if value not in (None, "", (), [])}


def get(path: str, kind: type[Result], params: Params | None = None) -> Call[Result]:
    """Ask for the JSON object at a path, taken for a `kind`."""
    return Call("GET", path, _reader(kind), params or {}, repeatable=True)


def post(
    path: str,
    document: object,
    kind: type[Result],
    headers: Mapping[str, str] | None = None,
    params: Params | None = None,
) -> Call[Result]:
    """Send a JSON document, None for nothing, and read a JSON object."""
    return _sending("POST", path, document, kind, headers or {}, params or {})


def put(
    path: str, document: object, kind: type[Result], headers: Mapping[str, str]
) -> Call[Result]:
    """Replace what is at a path."""
    return _sending("PUT", path, document, kind, headers, {})


def _sending(
    method: str,
    path: str,
    document: object,
    kind: type[Result],
    headers: Mapping[str, str],
    params: Params,
) -> Call[Result]:
    body = b"" if document is None else orjson.dumps(document)
    given = {"Content-Type": JSON, **headers} if body else headers
    return Call(method, path, _reader(kind), params, body, given)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is.

    Raises:
        AnswerNotUnderstood: it is something else.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise AnswerNotUnderstood("the answer is not JSON") from None
    if not isinstance(document, dict):
        raise AnswerNotUnderstood("the answer is not a JSON object")
    return document


def _reader(_kind: type[Result]) -> Callable[[bytes], Result]:
    """Documents are told apart by types alone: they may hold more than we know of."""

    def read(body: bytes) -> Result:
        return cast(Result, read_object(body))

    return read


def listing(path: str, params: Params, _kind: type[Item]) -> "Listing[dict[str, Any], Item]":
    """A list of the API's, whose pages hold `items` and the next one's `cursor`."""

    def items(page: dict[str, Any]) -> Sequence[Item]:
        found = page.get("items")
        if not isinstance(found, list):
            raise AnswerNotUnderstood("the answer is not a list")
        return cast(Sequence[Item], found)

    def after(page: dict[str, Any]) -> "Listing[dict[str, Any], Item] | None":
        cursor = page.get("cursor")
        if not cursor or cursor == params.get("cursor"):  # the same page again would never end
            return None
        return listing(path, {**params, "cursor": str(cursor)}, _kind)

    return Listing(get(path, dict[str, Any], params), items, after)
