"""The passage of a text that shows best why it was found.

Rules:
- the passage holds as many different terms as fit, then as many matches, the earliest of equals;
- it begins at a sentence where one begins near, else at a word, and ends at a word;
- it is escaped HTML in which `<mark>` is the only tag, marks that touch are one, and an ellipsis
  stands where text was left out.
"""

import re
from collections.abc import Sequence
from html import escape

from bri_retrieval.marking import Match
from bri_retrieval.segmentation import is_han, is_unspaced

LENGTH = 200
"""Longest passage, in characters of scripts that write words apart."""

DENSE_LENGTH = 100
"""Longest passage in scripts that don't: their characters say about twice as much."""

_SENTENCE_END = re.compile(r"[。！？；…\n]|[.!?](?=\s)")
_WORD_EDGE = re.compile(r"[\s，、,;:。]")
_SPACES = re.compile(r"\s+")


def extract(text: str, matches: Sequence[Match]) -> str:
    """The passage of `text` around the best of `matches` (in order of their places), or its
    beginning where there are none, as HTML."""
    length = _length(text)
    first, last = _densest(matches, length) if matches else (0, 0)
    start = _begin(text, first, last, length)
    end = _finish(text, start, last, length)
    inside = [match for match in matches if start <= match.start and match.end <= end]
    passage = _marked(text, start, end, inside).strip()
    return f"{'… ' if start else ''}{passage}{' …' if end < len(text) else ''}"


def _length(text: str) -> int:
    head = text[:LENGTH]
    return DENSE_LENGTH if is_han(head) or is_unspaced(head) else LENGTH


def _densest(matches: Sequence[Match], length: int) -> tuple[int, int]:
    """From where to where the best window of matches reaches."""
    best, span, low = (0, 0), (matches[0].start, matches[0].end), 0
    for high, match in enumerate(matches):
        while match.end - matches[low].start > length and low < high:
            low += 1
        window = matches[low : high + 1]
        worth = (len({found.term for found in window}), len(window))
        if worth > best:
            best, span = worth, (window[0].start, max(found.end for found in window))
    return span


def _begin(text: str, first: int, last: int, length: int) -> int:
    """Where to begin so that the text from `first` to `last` is shown with something before it."""
    slack = max(length - (last - first), 0)
    earliest = max(first - slack * 2 // 3, 0)
    if earliest == 0:
        return 0
    sentences = [found.end() for found in _SENTENCE_END.finditer(text, earliest, first)]
    if sentences:
        # The first one leaves most room before the match, and the passage still reads as a whole.
        return _after_spaces(text, sentences[0], first)
    edge = _WORD_EDGE.search(text, earliest, first)
    return _after_spaces(text, edge.end(), first) if edge else earliest


def _after_spaces(text: str, start: int, limit: int) -> int:
    while start < limit and text[start].isspace():
        start += 1
    return start


def _finish(text: str, start: int, last: int, length: int) -> int:
    end = max(start + length, last)
    if end >= len(text):
        return len(text)
    # A sentence that ends in the last third is a good place to stop; a word's end always is.
    sentences = _SENTENCE_END.finditer(text, max(end - length // 3, last), end)
    edges = _WORD_EDGE.finditer(text, max(end - length // 6, last), end)
    stops = [found.end() for found in sentences] or [found.start() for found in edges]
    return stops[-1] if stops else end


def _marked(text: str, start: int, end: int, matches: Sequence[Match]) -> str:
    parts, place = [], start
    for low, high in _merged(matches):
        parts += [escape(text[place:low]), "<mark>", escape(text[low:high]), "</mark>"]
        place = high
    parts.append(escape(text[place:end]))
    return _SPACES.sub(" ", "".join(parts))


def _merged(matches: Sequence[Match]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for match in matches:
        if spans and match.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], match.end))
        else:
            spans.append((match.start, match.end))
    return spans
