"""What changed from one revision of a record to the next, word by word.

Chinese, Thai and their like are compared character by character: their words are not separated, and
a reader sees at once which characters are new. Source: Ratcliff and Obershelp, through difflib.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from bri_kit.html import plain_text
from bri_pages import formatting
from bri_pages.source import Document, Revision

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff"
_PIECES = re.compile(rf"[{_UNSPACED}]|\s+|[^\W{_UNSPACED}]+|.")
_LONGEST = 20_000
"""Characters of a text that are compared; beyond, a change is told as a whole."""
_AROUND = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is the same, new, or gone."""

    change: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in one part of a record; `language` is the text's, empty for what has none."""

    name: str
    language: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Step:
    """One revision beside the one before it."""

    number: int
    at: str
    reason: str
    is_first: bool
    is_retraction: bool
    differences: Sequence[Difference]


def steps(
    revisions: Sequence[Revision], language: str, say: Callable[[str], str]
) -> Sequence[Step]:
    """What changed in each revision, the newest first, told in `language`."""
    told = []
    before: Document | None = None
    for each in revisions:
        found: Sequence[Difference] = ()
        if each.document is not None and before is not None:
            found = list(_compare(before, each.document, language, say))
        told.append(
            Step(each.number, each.at, each.reason, before is None, each.document is None, found)
        )
        before = each.document or before
    return told[::-1]


def _compare(
    before: Document, after: Document, language: str, say: Callable[[str], str]
) -> Iterator[Difference]:
    parts = {"title": say("Title"), "summary": say("Summary"), "body": say("Text")}
    for tongue in sorted({**before["editions"], **after["editions"]}):
        old, new = before["editions"].get(tongue, {}), after["editions"].get(tongue, {})
        for part, name in parts.items():
            pieces = compare(plain_text(old.get(part) or ""), plain_text(new.get(part) or ""))
            if pieces:
                told = f"{formatting.language_name(tongue, language)} · {name}"
                yield Difference(told, tongue, pieces)


def compare(old: str, new: str) -> Sequence[Piece]:
    """The pieces of two texts; none where they are the same."""
    if old == new:
        return ()
    if max(len(old), len(new)) > _LONGEST:
        return _without_empty([Piece("removed", _cut(old)), Piece("added", _cut(new))])
    a, b = _PIECES.findall(old), _PIECES.findall(new)
    pieces: list[Piece] = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", _shorten("".join(a[a0:a1]))))
        else:
            pieces += [Piece("removed", "".join(a[a0:a1])), Piece("added", "".join(b[b0:b1]))]
    return _without_empty(pieces)


def _without_empty(pieces: Sequence[Piece]) -> Sequence[Piece]:
    return [piece for piece in pieces if piece.text]


def _cut(text: str) -> str:
    return text if len(text) <= 2 * _AROUND else text[: 2 * _AROUND] + " …"


def _shorten(text: str) -> str:
    """What did not change, as far as it helps to find the place."""
    return text if len(text) <= 3 * _AROUND else f"{text[:_AROUND]} … {text[-_AROUND:]}"
