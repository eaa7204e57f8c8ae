"""What text of an edition is embedded.

Rules:
- an edition is embedded as passages: title and summary with how the body begins, then the body's
  next pieces, so many at most. One vector for several paragraphs finds none of them well;
- a passage is about as long as a paragraph; it ends at a sentence where it can, and what would be
  left as a crumb belongs to the passage before it;
- whoever changes this changes FORMAT, and everything is embedded anew.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from bri_retrieval.segmentation import is_han, is_unspaced

FORMAT = "2"
MOST = 5
"""Passages of an edition, some 4 KB of text; ADR 15 tells what fewer of them cost."""

LENGTH = 1_000
"""Longest passage, in characters of scripts that write words apart: about 250 tokens."""

DENSE_LENGTH = 400
"""Longest passage in scripts that don't."""

_CRUMB = 1.4
"""So many times the length may a passage have that is the last."""

_SENTENCE_END = re.compile(r"[。！？；…\n]|[.!?](?=\s)")


class Text(Protocol):
    """An edition as plain text."""

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def body(self) -> str: ...


class Passage(NamedTuple):
    """A piece of an edition, by its place."""

    edition: str
    place: int
    text: str


def passages(editions: Mapping[str, Text], most: int = MOST) -> list[Passage]:
    """The passages of a record's editions, by language, that are to be embedded."""
    return [
        Passage(language, place, piece)
        for language, text in sorted(editions.items())
        for place, piece in enumerate(_pieces(text, most))
    ]


def key(model: str, texts: Sequence[Passage]) -> str:
    """Tells these passages, as `model` reads them, from all others."""
    digest = hashlib.blake2b(f"{FORMAT} {model}".encode(), digest_size=16)
    for each in texts:
        part = f"\0{each.edition}\0{each.place}\0{each.text}"
        digest.update(part.encode("utf-8", "replace"))
    return digest.hexdigest()


def _pieces(text: Text, most: int) -> list[str]:
    whole = "\n".join(filter(None, (text.title, text.summary, text.body)))
    pieces: list[str] = []
    start = 0
    while start < len(whole) and len(pieces) < most:
        end = _end(whole, start)
        if piece := whole[start:end].strip():
            pieces.append(piece)
        start = end
    return pieces


def _end(text: str, start: int) -> int:
    head = text[start : start + 200]
    length = DENSE_LENGTH if is_han(head) or is_unspaced(head) else LENGTH
    end = start + length
    if len(text) - start <= _CRUMB * length:
        return len(text)
    stops = [found.end() for found in _SENTENCE_END.finditer(text, start + length // 2, end)]
    return stops[-1] if stops else end
