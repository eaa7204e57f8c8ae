"""Lists: `{"items": […], "cursor": …}`; cursors are opaque, and stable under inserts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import orjson

from bri_kit.errors import FieldError, InvalidInput

Scalar = str | int

_MOST = 2**63 - 1
"""What a database can hold of a number."""


def encode_cursor(position: Sequence[Scalar]) -> str:
    """An opaque cursor for the sort key of the last item that was shown."""
    return urlsafe_b64encode(orjson.dumps(list(position))).rstrip(b"=").decode()


def decode_cursor(cursor: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """The sort key in `cursor`, whose parts have the types `kinds`.

    Raises:
        InvalidInput: this is not a cursor that this list gave out.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = orjson.loads(urlsafe_b64decode(padded))
    except (ValueError, UnicodeError):
        position = None
    is_of_kinds = isinstance(position, list) and tuple(map(type, position)) == kinds
    if not is_of_kinds or not all(map(_is_possible, position)):
        message = "is not a cursor that this list gave out"
        raise InvalidInput("The list cannot go on from there.", [FieldError("cursor", message)])
    return tuple(position)


def _is_possible(part: Scalar) -> bool:
    """Whether a list may have given out this part of a position: databases number from 0, and hold
    no NUL in texts."""
    return "\0" not in part if isinstance(part, str) else 0 <= part <= _MOST
