"""What is sent by a form of the desk, as fields with values; pure.

Fields are named by the paths that errors name: `editions.zh.title`, `dates.event`, `policy.status`.
Rules:
- line ends are \\n, whatever a browser makes of them;
- of each field that a page was given, its digest goes along (`was`), so that what a person has
  changed is told from what they have only seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from urllib.parse import unquote_to_bytes

import orjson

from bri_kit.errors import MalformedRequest

MAX_FIELDS = 2_000
_PIECE = 64 * 1024
CONTENT_PREFIXES = ("editions.", "dates.", "source.", "policy.")
CONTENT_NAMES = ("kind", "original_language", "countries", "topics")

_THEIRS = ("take.", "theirs")

Values = Mapping[str, str]
"""A record as a form's fields; lists are one value a line."""


class Form:
    """The fields of one request."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._fields = fields

    def text(self, name: str, default: str = "") -> str:
        """The last value of a field."""
        for field, value in reversed(self._fields):
            if field == name:
                return value
        return default

    def number(self, name: str, default: int = 0) -> int:
        """A field that holds a small whole number; `default` where it holds none."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default

    def all(self, name: str) -> list[str]:
        """All values of a field that are not blank."""
        return [value.strip() for field, value in self._fields if field == name and value.strip()]

    def without(self, name: str) -> list[tuple[str, str]]:
        """All fields but this one."""
        return [(field, value) for field, value in self._fields if field != name]

    def has(self, name: str) -> bool:
        return any(field == name for field, _ in self._fields)

    def content(self) -> dict[str, str]:
        """The fields that are of the record, but for those where another's text was chosen."""
        found: dict[str, str] = {}
        theirs = {name[5:] for name, value in self._fields if (name[:5], value) == _THEIRS}
        for name, value in self._fields:
            if name in theirs:
                continue
            if name in ("countries", "topics"):
                found[name] = "\n".join(filter(None, (found.get(name, ""), value.strip())))
            elif name in CONTENT_NAMES or name.startswith(CONTENT_PREFIXES):
                found[name] = value
        return found

    def was(self) -> dict[str, str]:
        """The digests of the fields as the page was given them."""
        try:
            known = orjson.loads(self.text("was") or "{}")
        except orjson.JSONDecodeError:
            return {}
        return known if isinstance(known, dict) else {}


def read(body: bytes) -> Form:
    """The fields of a body of application/x-www-form-urlencoded.

    Raises:
        MalformedRequest: it is something else, or has too many fields.
    """
    if not body.isascii() or body.count(b"&") >= MAX_FIELDS:
        raise MalformedRequest("The form cannot be read.")
    try:
        pairs = [pair.partition(b"=") for pair in body.split(b"&") if pair]
        fields = [(_decoded(name), _decoded(value)) for name, _, value in pairs]
    except UnicodeDecodeError as fact:
        raise MalformedRequest("The form cannot be read.") from fact
    return Form([(name, value.replace("\r\n", "\n")) for name, value in fields])


def _decoded(text: bytes) -> str:
    """A name or value without its escapes. `unquote_to_bytes` makes an object for each of them, so
    it gets a piece at a time."""
    text = text.replace(b"+", b" ")
    pieces, start = [], 0
    while start < len(text):
        end = start + _PIECE
        cut = text.rfind(b"%", end - 2, end)  # an escape is not cut in two
        end = cut if cut > start else end
        pieces.append(unquote_to_bytes(text[start:end]))
        start = end
    return b"".join(pieces).decode()


def digest(value: str) -> str:
    """What tells whether a field is as it was given."""
    return sha256(value.replace("\r\n", "\n").strip().encode("utf-8", "replace")).hexdigest()[:16]


def digests_of(was: Values) -> str:
    """Digests, for a page to send back."""
    return orjson.dumps(dict(was)).decode()


def changed(values: Values, was: Values) -> set[str]:
    """The fields that a person has changed; all where nobody knows what they were."""
    return {name for name, value in values.items() if was.get(name) != digest(value)}


def lines(text: str) -> list[str]:
    """The lines of a field that holds a list, without blank ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def languages(values: Values) -> Iterator[str]:
    """The languages whose editions are among the fields."""
    seen: set[str] = set()
    for name in values:
        if name.startswith("editions."):
            language = name.split(".")[1]
            if language not in seen:
                seen.add(language)
                yield language
