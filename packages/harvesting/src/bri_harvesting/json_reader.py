"""JSON as sources write it, also where a strict parser refuses all of it for one character.

Lone surrogates (half of a character that was cut) become U+FFFD, control characters in strings are
accepted; the former is said in a remark. Nesting is bounded by the parsers.
"""

import json
from typing import Any

import orjson

_SURROGATE = "half a character (a lone surrogate) was replaced by \ufffd"


class NotJSON(ValueError):
    """The text is no JSON; `column` is where, counted from 1."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


def loads(text: str | bytes) -> tuple[Any, str]:
    """The document in `text`, and a remark on what was replaced in it, or an empty one. Raises
    NotJSON."""
    try:
        return orjson.loads(text), ""
    except orjson.JSONDecodeError as error:
        message, column = error.msg, error.colno
    try:
        document = json.loads(text, strict=False, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NotJSON(message, column) from None
    try:
        repaired, count = _repaired(document)
    except RecursionError:
        raise NotJSON("nested too deep", 1) from None
    return repaired, _SURROGATE if count else ""


def _no_constant(name: str) -> None:
    return None  # NaN and Infinity are no values that anybody reads


def _repaired(document: Any) -> tuple[Any, int]:
    """The document without lone surrogates, and how many strings held some."""
    if isinstance(document, str):
        text = document.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text, text != document
    if isinstance(document, list):
        pairs = [_repaired(each) for each in document]
        return [each for each, _ in pairs], sum(count for _, count in pairs)
    if isinstance(document, dict):
        found = {_repaired(name)[0]: _repaired(value) for name, value in document.items()}
        return {k: v for k, (v, _) in found.items()}, sum(count for _, count in found.values())
    return document, 0
