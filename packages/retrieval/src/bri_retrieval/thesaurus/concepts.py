"""Concepts by their names, and which of them a question names.

Rules:
- a name is looked up by the stems of its telling words, so all its forms are the same name;
  Chinese names by their characters, however the dictionary cuts them;
- of the names that a question's words make in a row the longest counts, and no word twice;
- quoted words and what has digits stand for themselves alone;
- a name that several concepts share stands for all of them;
- concepts may be added while questions are answered.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from bri_retrieval import question
from bri_retrieval.analysis import FAMILIES, Family, family, stem, tokens, words
from bri_retrieval.folding import fold, tidy
from bri_retrieval.question import Term
from bri_retrieval.segmentation import is_han, is_unspaced
from bri_retrieval.typos import allowance, distance

MOST_ALTERNATIVES = 12
"""Names beyond this are left out, synonyms before labels: each one costs a look at the index."""

_MOST_WORDS = 6
"""Longer names than this are hardly ever typed."""


class Name(NamedTuple):
    """What a concept is called in one language (BCP 47)."""

    text: str
    language: str


Concept = tuple[Name, ...]
"""All names of one thing, labels before synonyms."""


@dataclass(frozen=True, slots=True)
class Widening:
    """The terms of a question from place `first` to before `end`, and what else they are called."""

    first: int
    end: int
    alternatives: Sequence[Term]


class Thesaurus:
    """Concepts, to be looked up from any thread."""

    def __init__(self, concepts: Iterable[Concept] = ()) -> None:
        self._by_key: dict[str, tuple[Concept, ...]] = {}
        self._words: dict[str, set[str]] = defaultdict(set)
        self._lock = Lock()
        self.add(concepts)

    def add(self, concepts: Iterable[Concept]) -> None:
        """Know these too."""
        with self._lock:
            for concept in concepts:
                for word in {word for name in concept for word in words(fold(name.text))}:
                    if allowance(word):
                        self._words[word[0]].add(word)
                for found in {key(name.text) for name in concept} - {""}:
                    # A tuple that is replaced: whoever reads meanwhile sees the old one or the new.
                    self._by_key[found] = (*self._by_key.get(found, ()), concept)

    def __len__(self) -> int:
        return len(self._by_key)

    def names(self, text: str) -> bool:
        """Whether `text` is a name of some concept."""
        return key(text) in self._by_key

    def near(self, word: str, typos: int) -> list[str]:
        """Words of names within so many typos of `word`, the nearest first; the first letter has to
        be right."""
        found = [
            (distance(each, word, typos), each) for each in tuple(self._words.get(word[:1], ()))
        ]
        return [each for far, each in sorted(found) if far <= typos]

    def widen(self, terms: Sequence[Term]) -> list[Widening]:
        """What else the things are called that `terms` name, in the order of the terms."""
        found, first = [], 0
        while first < len(terms):
            widening = self._longest(terms, first)
            if widening:
                found.append(widening)
            first = widening.end if widening else first + 1
        return found

    def _longest(self, terms: Sequence[Term], first: int) -> Widening | None:
        row = [_key(term) for term in terms[first : first + _MOST_WORDS]]
        most = row.index("") if "" in row else len(row)
        for length in range(most, 0, -1):
            concepts = self._by_key.get(_joined(row[:length]))
            if concepts:
                named = terms[first : first + length]
                alternatives = tuple(_alternatives(concepts, named))
                return Widening(first, first + length, alternatives)
        return None


def key(text: str) -> str:
    """What all forms of a name have in common; empty for a text without telling words."""
    return _joined([_key(term) for term in question.read(text)])


def _key(term: Term) -> str:
    if term.quoted or not term.text.isalpha():
        return term.text if is_unspaced(term.text) else ""
    if is_han(term.text):
        return term.text
    return stem(term.text, "en")


def _joined(keys: Sequence[str]) -> str:
    if not all(keys):
        return ""
    # Characters need no space, so that where the dictionary cuts makes no difference.
    return "".join(each if is_han(each) else f" {each}" for each in keys)


def _alternatives(concepts: Sequence[Concept], named: Sequence[Term]) -> Iterator[Term]:
    own = _joined([_key(term) for term in named])
    seen = {own}
    for name in sorted(
        (name for concept in concepts for name in concept), key=lambda name: _rank(name, concepts)
    ):
        if len(seen) > MOST_ALTERNATIVES:
            return
        if (other := key(name.text)) not in seen:
            seen.add(other)
            yield _term(name)


def _rank(name: Name, concepts: Sequence[Concept]) -> int:
    """The place of a name among those of its own language."""
    return min(
        [each for each in concept if each.language == name.language].index(name)
        for concept in concepts
        if name in concept
    )


@lru_cache(maxsize=5_000)
def _term(name: Name) -> Term:
    of = family(name.language)
    forms: dict[Family, tuple[str, ...]] = dict.fromkeys(FAMILIES, ())
    forms[of] = tokens(fold(tidy(name.text)), of)
    return Term(fold(tidy(name.text)), forms, alternative=True)
