"""Where in a text the terms of a question are.

Rules:
- a word is found in all its forms (those of the same stem), whole; in scripts without spaces, and
  within quotes of such scripts, the characters are found wherever they stand;
- searching for the beginning that a word and its stem share, and only then looking at the word,
  reads a body of 4 KB in some ten microseconds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from bri_retrieval.analysis import Family, family, plain, stem, tokens, words
from bri_retrieval.folding import fold
from bri_retrieval.question import Term
from bri_retrieval.segmentation import is_han, is_unspaced

_MAX_MATCHES = 200
# Vowel signs and accents are part of a word, though no letters; so are joiners.
_MARKS = (
    r"\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u0963\u200d"
)
_LETTER = re.compile(rf"[^\W\d_]|[{_MARKS}]")
_WORD = re.compile(rf"(?:[^\W\d_]|[{_MARKS}])+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Match:
    """A term, by its place in the question, from `start` to before `end` of a text."""

    start: int
    end: int
    term: int


class _Needle(Protocol):
    def spans(self, text: str) -> Iterator[tuple[int, int]]: ...


class Marker:
    """Finds the terms of one question in any number of texts of one language."""

    def __init__(self, terms: Sequence[Term], language: str) -> None:
        of = family(language)
        self._needles = [_needle(term, of) for term in terms]

    def find(self, text: str) -> list[Match]:
        """The matches in `text` by their places; of those that overlap, the one that began first
        and is longest."""
        folded = fold(text)
        found = [
            Match(start, end, index)
            for index, needle in enumerate(self._needles)
            for (start, end), _ in zip(needle.spans(folded), range(_MAX_MATCHES), strict=False)
        ]
        found.sort(key=lambda match: (match.start, -match.end))
        return found


def _needle(term: Term, of: Family) -> _Needle:
    if is_han(term.text) or is_unspaced(term.text):
        return _Characters(_SPACES.sub("", term.text))
    if not term.forms[of]:
        return _Nothing()
    if len(term.forms[of]) == 1:
        return _Word(words(term.text)[0], term.forms[of][0], of)
    return _Row(term, of)


@dataclass(frozen=True, slots=True)
class _Characters:
    """Characters of a script without spaces, wherever they stand."""

    text: str

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        start = text.find(self.text)
        while start >= 0:
            yield start, start + len(self.text)
            start = text.find(self.text, start + len(self.text))


class _Nothing:
    """What another language's texts alone can have."""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        yield from ()


class _Word:
    """A word in any of its forms."""

    def __init__(self, word: str, stemmed: str, of: Family) -> None:
        self._stemmed, self._of = stemmed, of
        self._beginning = _shared(word, stemmed)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        start = text.find(self._beginning)
        while start >= 0:
            end = start + 1
            if not (start and _together(text[start - 1], text[start])):
                end = _word_end(text, start)
                if stem(plain(text[start:end]), self._of) == self._stemmed:
                    yield start, end
            start = text.find(self._beginning, end)


class _Row:
    """Words and numbers in a row, whatever punctuation stands between them."""

    def __init__(self, term: Term, of: Family) -> None:
        self._form, self._of = term.forms[of], of
        parts = [_part(word, self._of) for word in _split(term.text)]
        self._pattern = re.compile(r"[\W_]*".join(parts)) if parts else re.compile(r"(?!)")

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        for found in self._pattern.finditer(text):
            start, end = found.span()
            if start and _together(text[start - 1], text[start]):
                continue
            if tokens(found[0], self._of) == self._form:
                yield start, end


def _split(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|[0-9]+", text)


def _part(word: str, of: Family) -> str:
    if word.isdigit():
        return f"{word}(?![0-9])"
    return re.escape(_shared(word, stem(word, of))) + r"[^\W\d_]*"


def _shared(word: str, stemmed: str) -> str:
    """The beginning that all forms of a word have: that of the word and its stem."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(word, stemmed, strict=False))
    shared = "".join(a for a, _ in pairs) or word
    # The English stem of policy and policies is polici.
    return shared[:-1] if len(shared) > 1 and shared[-1] in "iy" else shared


def _together(before: str, after: str) -> bool:
    """Whether two neighbouring characters belong to the same token."""
    if before.isdigit() or after.isdigit():
        return before.isdigit() and after.isdigit()
    return bool(_LETTER.match(before) and _LETTER.match(after)) and not is_han(before)


def _word_end(text: str, start: int) -> int:
    pattern = _WORD if _LETTER.match(text, start) else re.compile(r"[0-9]+")
    found = pattern.match(text, start)
    return found.end() if found else start + 1
