"""Records out of files: NDJSON, a JSON object or array, from a file or from standard input.

Rules:
- a text is read as lines where its name ends in .ndjson or .jsonl, or its first line is a whole
  JSON object; lines are handed on unread, so one broken line is one rejected line;
- anything else must be one JSON document: an object, or an array of them;
- every item knows where it came from: `records.ndjson:12`, or `records.json[3]`.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bri_cli.outcome import NotBegun

STANDARD_INPUT = "-"
_LINE_SUFFIXES = frozenset({".ndjson", ".jsonl"})
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class FileUnreadable(NotBegun):
    """A file is missing, may not be read, or is not JSON."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record as a line of JSON, without its line end. `position` is how much was read by then,
    in bytes."""

    place: str
    line: bytes
    position: int


def size_of(name: str) -> int | None:
    """The size of a file in bytes; None for standard input.

    Raises:
        FileUnreadable: there is no such file.
    """
    if name == STANDARD_INPUT:
        return None
    path = Path(name)
    if not path.is_file():
        raise FileUnreadable(f"{name} is not a file")
    return path.stat().st_size


def items(name: str) -> Iterator[Item]:
    """The records in a file, as they are read. Raises FileUnreadable."""
    if name == STANDARD_INPUT:
        yield from _items("stdin", sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as file:
            yield from _items(name, file)
    except OSError as error:
        raise FileUnreadable(f"{name} cannot be read: {error.strerror or error}") from None


def _items(name: str, file: IO[bytes]) -> Iterator[Item]:
    first = file.readline().removeprefix(_BYTE_ORDER_MARK)
    while first and not first.strip() and not _is_lines(name, first):
        first = file.readline()
    if _is_lines(name, first):
        yield from _lines(name, first, file)
    else:
        yield from _document(name, first + file.read())


def _is_lines(name: str, first: bytes) -> bool:
    if Path(name).suffix in _LINE_SUFFIXES:
        return True
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def _lines(name: str, first: bytes, file: IO[bytes]) -> Iterator[Item]:
    position = 0
    for number, line in enumerate(_with_first(first, file), 1):
        position += len(line)
        if line.strip():
            yield Item(f"{name}:{number}", line.strip(), position)


def _with_first(first: bytes, file: IO[bytes]) -> Iterator[bytes]:
    yield first
    yield from file


def _document(name: str, text: bytes) -> Iterator[Item]:
    if not text.strip():
        return
    try:
        document = json.loads(text)
    except ValueError as error:
        raise FileUnreadable(f"{name} is neither NDJSON nor JSON: {error}") from None
    if isinstance(document, dict):
        yield Item(name, _line(document), len(text))
    elif isinstance(document, list):
        for index, record in enumerate(document):
            yield Item(f"{name}[{index}]", _line(record), len(text) * (index + 1) // len(document))
    else:
        raise FileUnreadable(f"{name} holds neither a record nor a list of records")


def _line(record: Any) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()
