"""What changed from one revision of a record to the next, word by word.

Chinese, Thai and their like are compared character by character: their words are not separated, and
a reader sees at once which characters are new. Source: Ratcliff and Obershelp, through difflib.

Rules:
- difflib takes cubic time at worst, so a page has a budget of steps (`Budget`); what would exceed
  it is said to be too large to show, with the beginning of both texts;
- texts are compared line by line (a block of HTML is a line), and only lines that differ word by
  word: a long text with a small change is cheap.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Literal

from bri_kit.html import plain_text
from bri_pages import formatting
from bri_pages.source import Document, Revision

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff"
_PIECES = re.compile(rf"\s*+(?:[{_UNSPACED}]|[^\W{_UNSPACED}]+|.)|\s+")
"""Words with the space before them, which by itself would be the same everywhere."""
STEPS = 5_000_000
"""What all comparisons of one page may take, somewhat more than a second."""
_LONGEST = 20_000
"""Characters of a stretch that are compared and shown."""
_A_CHARACTER = 4
"""Steps that it takes to cut a text into words and to count them, for each of its characters."""
_AROUND = 60

Stretch = tuple[str, int, int, int, int]
"""What difflib calls an operation code: what became of which part of the old, and of the new."""


class TooLarge(Exception):
    """The comparison would take more steps than are left."""


@dataclass(slots=True)
class Budget:
    """Steps that may still be taken."""

    left: int = STEPS

    def spend(self, steps: int) -> None:
        """Take so many steps.

        Raises:
            TooLarge: there are not so many left; none are taken.
        """
        if steps > self.left:
            raise TooLarge
        self.left -= steps


class _Matcher(SequenceMatcher[str]):
    """difflib's, within a budget: what a search for the longest match looks at is known before."""

    def __init__(self, old: Sequence[str], new: Sequence[str], budget: Budget) -> None:
        super().__init__(None, old, new, autojunk=False)
        self._length = len(old)
        self._budget = budget
        occurrences = Counter(new)
        # Each piece is held against all its equals, wherever these are.
        self._costs = list(accumulate((1 + occurrences[each] for each in old), initial=0))

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """As difflib does.

        Raises:
            TooLarge: the budget does not suffice.
        """
        end = self._length if ahi is None else ahi
        self._budget.spend(self._costs[end] - self._costs[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is the same, new, or gone. What is `omitted` has no text: what differs
    there is too large to show, and only the beginnings stand before it."""

    change: Literal["same", "added", "removed", "omitted"]
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
    budget = Budget()
    before: Document | None = None
    for each in revisions:
        found: Sequence[Difference] = ()
        if each.document is not None and before is not None:
            found = list(_compare(before, each.document, language, say, budget))
        told.append(
            Step(each.number, each.at, each.reason, before is None, each.document is None, found)
        )
        before = each.document or before
    return told[::-1]


def _compare(
    before: Document,
    after: Document,
    language: str,
    say: Callable[[str], str],
    budget: Budget,
) -> Iterator[Difference]:
    parts = {"title": say("Title"), "summary": say("Summary"), "body": say("Text")}
    for tongue in sorted({**before["editions"], **after["editions"]}):
        old, new = before["editions"].get(tongue, {}), after["editions"].get(tongue, {})
        for part, name in parts.items():
            texts = old.get(part) or "", new.get(part) or ""
            if texts[0] == texts[1]:
                continue
            if pieces := compare(plain_text(texts[0]), plain_text(texts[1]), budget):
                told = f"{formatting.language_name(tongue, language)} · {name}"
                yield Difference(told, tongue, pieces)


def compare(old: str, new: str, budget: Budget | None = None) -> Sequence[Piece]:
    """The pieces of two texts; none where they are the same."""
    if old == new:
        return ()
    budget = budget or Budget()
    a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    try:
        stretches = _stretches(a, b, budget)
    except TooLarge:
        stretches = [("replace", 0, len(a), 0, len(b))]
    pieces: list[Piece] = []
    for kind, a0, a1, b0, b1 in stretches:
        one, other = "".join(a[a0:a1]), "".join(b[b0:b1])
        if kind == "equal":
            pieces.append(Piece("same", _shorten(one)))
        else:
            pieces += _compare_words(one, other, budget)
    return _without_empty(pieces)


def _compare_words(old: str, new: str, budget: Budget) -> Sequence[Piece]:
    try:
        return _word_pieces(old, new, budget)
    except TooLarge:
        told = [Piece("removed", _cut(old)), Piece("added", _cut(new))]
        return [*told, Piece("omitted", "")]


def _word_pieces(old: str, new: str, budget: Budget) -> Sequence[Piece]:
    if max(len(old), len(new)) > _LONGEST:
        raise TooLarge
    budget.spend(_A_CHARACTER * (len(old) + len(new)))
    a, b = _PIECES.findall(old), _PIECES.findall(new)
    pieces: list[Piece] = []
    for kind, a0, a1, b0, b1 in _stretches(a, b, budget):
        if kind == "equal":
            pieces.append(Piece("same", _shorten("".join(a[a0:a1]))))
        else:
            pieces += [Piece("removed", "".join(a[a0:a1])), Piece("added", "".join(b[b0:b1]))]
    return pieces


def _stretches(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[Stretch]:
    """difflib's operation codes. What both begin and end with is the same and is not compared."""
    shorter = min(len(old), len(new))
    first = next((each for each in range(shorter) if old[each] != new[each]), shorter)
    rest = shorter - first
    last = next((each for each in range(rest) if old[-1 - each] != new[-1 - each]), rest)
    ends = len(old) - last, len(new) - last
    matcher = _Matcher(old[first : ends[0]], new[first : ends[1]], budget)
    within: list[Stretch] = [
        (kind, a0 + first, a1 + first, b0 + first, b1 + first)
        for kind, a0, a1, b0, b1 in matcher.get_opcodes()
    ]
    return [
        ("equal", 0, first, 0, first),
        *within,
        ("equal", ends[0], len(old), ends[1], len(new)),
    ]


def _without_empty(pieces: Sequence[Piece]) -> Sequence[Piece]:
    return [piece for piece in pieces if piece.text or piece.change == "omitted"]


def _cut(text: str) -> str:
    return text if len(text) <= 2 * _AROUND else text[: 2 * _AROUND] + " …"


def _shorten(text: str) -> str:
    """What did not change, as far as it helps to find the place."""
    return text if len(text) <= 3 * _AROUND else f"{text[:_AROUND]} … {text[-_AROUND:]}"
