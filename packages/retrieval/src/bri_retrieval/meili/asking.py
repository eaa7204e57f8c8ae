"""A question's terms as Meilisearch is asked for them.

Rules:
- a term is asked in quotes, its tokens in a row, which Meilisearch takes at its word: without
  typos, prefixes or synonyms of its own. Each is counted first: the counts tell how rare it is;
- in a script without spaces a word that occurs nowhere is asked as the longest words in it that do;
- what the thesaurus knows by another name is found by that too;
- a question is asked strictly first: all terms. Where fewer than ENOUGH cards have them all, about
  half of the terms are enough, and then any. Meilisearch has no 'half of' and no 'or': each
  combination is a query, and the server joins what they find and counts it once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, product
from math import ceil
from types import MappingProxyType
from typing import NamedTuple

from bri_retrieval.meili.source import Source
from bri_retrieval.meili.tokens import tokenize
from bri_retrieval.question import Term
from bri_retrieval.romanised import document_numbers
from bri_retrieval.segmentation import is_han, is_unspaced
from bri_retrieval.thesaurus import Thesaurus, Widening

ENOUGH = 10
"""So many cards that match strictly make it needless to look for more."""

MAX_PIECES = 10
"""Meilisearch reads no more words or phrases of one query."""

MAX_QUERIES = 24
"""Combinations asked at once; those with the question's own words come first."""

_TELLING = 5
"""Of so many of a question's rarest terms half are asked for: at most ten combinations."""

_MOST_GUESSES = 5
_GUESSED = 1_000
"""The groups of words that are guessed have higher numbers than those of the thesaurus."""

_LONGEST_DIVIDED = 12
_LONGEST_WORD = 8

_MOST_BEGINNINGS = 12
_SHORTEST_BEGINNING = 4
"""Letters; hardly any stem is shorter."""


class Name(NamedTuple):
    """Tokens to be found in a row, and how many cards have them."""

    tokens: tuple[str, ...]
    cards: int

    @property
    def piece(self) -> str:
        """The name as a piece of a query."""
        return f'"{" ".join(self.tokens)}"'


@dataclass(frozen=True, slots=True)
class Asked:
    """A term: as it stands, None where it occurs nowhere; what else it is called, as one of `parts`
    words that make the name number `group`; and the terms to be marked for it."""

    own: Name | None
    shown: Sequence[Term]
    required: bool = False
    others: Sequence[Name] = ()
    group: int = -1
    parts: int = 1
    is_guessed: bool = False

    @property
    def rarest(self) -> int:
        """The fewest cards that this leaves."""
        return max((name.cards for name in self.names), default=0)

    @property
    def names(self) -> list[Name]:
        """What it can be found by, itself first."""
        return [*([self.own] if self.own else []), *self.others]


def ask(
    terms: Sequence[Term],
    thesaurus: Thesaurus,
    source: Source,
    nearly: Mapping[str, Sequence[Term]] = MappingProxyType({}),
) -> list[Asked]:
    """Each of `terms` as it stands, or as it may have been meant where it occurs nowhere; `nearly`
    are words that a term of that text may have been meant for too."""
    widenings = list(thesaurus.widen(terms))
    others = [term for widening in widenings for term in widening.alternatives]
    names = _names([*terms, *others], source)
    asked = [Asked(n, [t], t.quoted) for t, n in zip(terms, names[: len(terms)], strict=True)]
    _respell_numbers(asked, source)
    _widen(asked, widenings, {t.text: n for t, n in zip(others, names[len(terms) :], strict=True)})
    for place, each in enumerate(asked):
        if near := nearly.get(each.shown[0].text):
            asked[place] = _called_too(each, _GUESSED - 1 - place, near, source)
    return _guessed(asked, source)


def levels(asked: Sequence[Asked]) -> Iterator[list[str]]:
    """The queries that together find what the question means, the strictest reading first."""
    required = [each for each in asked if each.required]
    known = sorted((e for e in asked if e.names and not e.required), key=lambda e: e.rarest)
    if not all(each.names for each in required):
        return
    optional = len(asked) - len(required)
    least = min(optional, 0 if required else 1)
    for number in sorted({optional, (optional + 1) // 2, least}, reverse=True):
        if number <= len(known) and (number or required):
            chosen = _chosen(known, number)
            queries = (query for some in chosen for query in _queries([*required, *some]))
            yield list(islice(dict.fromkeys(queries), MAX_QUERIES))


def _guessed(asked: Sequence[Asked], source: Source) -> list[Asked]:
    guessed: list[Asked] = []
    guesses = 0
    for each in asked:
        if not each.names and not each.required and guesses < _MOST_GUESSES:
            guesses += 1
            guessed += _guess(each, _GUESSED + guesses, source)
        else:
            guessed.append(each)
    return guessed


def _names(terms: Sequence[Term], source: Source) -> list[Name | None]:
    rows = [tuple(tokenize(term.text)) for term in terms]
    # All cards are counted along: whoever weighs what is found needs to know.
    *counts, _ = source.counted([*(Name(row, 0).piece for row in rows), ""])
    return [
        Name(row, count) if row and count else None for row, count in zip(rows, counts, strict=True)
    ]


def _respell_numbers(asked: list[Asked], source: Source) -> None:
    """The letters of a law's number are typed in whichever script the keyboard has: 89-FZ."""
    odd = [i for i, each in enumerate(asked) if not each.own and each.shown[0].has_digits]
    if odd:
        terms = [term.respelt(document_numbers(term.text)) for i in odd for term in asked[i].shown]
        for i, term, name in zip(odd, terms, _names(terms, source), strict=True):
            asked[i] = replace(asked[i], own=name, shown=[term])


def _widen(
    asked: list[Asked], widenings: Sequence[Widening], names: Mapping[str, Name | None]
) -> None:
    for group, widening in enumerate(widenings):
        found = [(term, name) for term in widening.alternatives if (name := names[term.text])]
        for place in range(widening.first, widening.end):
            asked[place] = replace(
                asked[place],
                shown=[*asked[place].shown, *(term for term, _ in found)],
                others=[name for _, name in found],
                group=group,
                parts=widening.end - widening.first,
            )


def _called_too(asked: Asked, group: int, near: Sequence[Term], source: Source) -> Asked:
    others = [name for name in _names(near, source) if name and name != asked.own]
    if asked.others or not others:
        return asked
    return replace(asked, others=others, shown=[*asked.shown, *near], group=group)


def _chosen(known: Sequence[Asked], number: int) -> list[Sequence[Asked]]:
    """The combinations of `number` terms of which one must be found."""
    if number == len(known):
        return [known]
    if number > 1 and len(known) > _TELLING:
        number, known = max(ceil(number * _TELLING / len(known)), 2), known[:_TELLING]
    return list(combinations(known, number))


def _queries(asked: Sequence[Asked]) -> Iterator[str]:
    """A query for each way in which `asked` can be called, as it stands first."""
    groups = list(dict.fromkeys(each.group for each in asked if each.group >= 0))
    options = [
        range(-1, max(len(each.others) for each in asked if each.group == group))
        for group in groups
    ]
    for choice in product(*options):
        chosen = dict(zip(groups, choice, strict=True))
        names = [_called(each, chosen.get(each.group, -1)) for each in asked]
        if all(names):
            pieces = dict.fromkeys(name.piece for name in names if name)
            yield " ".join(islice(pieces, MAX_PIECES))


def _called(asked: Asked, choice: int) -> Name | None:
    return asked.own if choice < 0 else asked.others[choice]


def _guess(asked: Asked, place: int, source: Source) -> list[Asked]:
    """What a word may be the beginning of (Kazakh and Kyrgyz hang much on the end of one) or, in
    Chinese, be made of."""
    (term,) = asked.shown
    if is_han(term.text):
        return _divided(term, source) or [asked]
    if is_unspaced(term.text) or len(term.text) >= _SHORTEST_BEGINNING:
        row = tokenize(term.text)
        words = [(word,) for word in source.begun(row[0])[:_MOST_BEGINNINGS]] if row else []
        counts = source.counted([Name(word, 0).piece for word in words])
        others = list(map(Name, words, counts))
        return [replace(asked, others=others, group=place, is_guessed=True)]
    return [asked]


def _divided(term: Term, source: Source) -> list[Asked]:
    """The longest words from the left that the index knows."""
    text = term.text[:_LONGEST_DIVIDED]
    parts = [
        term.respelt(text[start:end])
        for start in range(len(text))
        for end in range(start + 1, min(start + _LONGEST_WORD, len(text)) + 1)
    ]
    names = {
        part.text: (part, name)
        for part, name in zip(parts, _names(parts, source), strict=True)
        if name
    }
    found: list[Asked] = []
    while text:
        known = (names[text[:end]] for end in range(len(text), 0, -1) if text[:end] in names)
        part, name = next(known, (None, None))
        if part:
            found.append(Asked(name, [part]))
        text = text[len(part.text) if part else 1 :]
    return found
