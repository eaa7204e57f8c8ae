"""How a question's terms are asked of the index as it is now.

Rules:
- a term is asked as it stands, in all its forms; where it occurs nowhere, as `guessing` makes it;
- what the thesaurus knows by another name is found by that too, but only WIDENED of it counts, as
  if the other name were as rare as what was asked: the words themselves come first;
- of several words that are one name, each is found where the other name is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tantivy import Query, Searcher

from bri_retrieval.embedded.guessing import guess, misspelt
from bri_retrieval.embedded.weighing import Weighed, best, exact, weigh
from bri_retrieval.question import Term
from bri_retrieval.romanised import document_numbers
from bri_retrieval.segmentation import is_han
from bri_retrieval.thesaurus import Thesaurus, Widening

WIDENED = 0.2
"""What another name of a thing counts: in a title less than the thing's own name in a body."""

_MOST_GUESSES = 5
"""A guess takes some milliseconds, and who misspells more than this has typed no words at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A term as a query, None where nothing can match, how rare it is, the terms to be marked for
    it, and whether it is found by another name alone."""

    query: Query | None
    shown: Sequence[Term]
    required: bool
    rarity: float = 0.0
    widened: bool = False


def ask(
    searcher: Searcher,
    terms: Sequence[Term],
    thesaurus: Thesaurus,
    typed: Mapping[int, Term] = {},
    *,
    guessing: bool = True,
) -> list[Asked]:
    """Each of `terms` as a query: as it stands, or as it may have been meant where it occurs
    nowhere, unless `guessing` is ruled out. `typed` are the terms in whose places corrected ones
    stand."""
    asked = [_as_it_stands(searcher, term) for term in terms]
    for place, term in typed.items():
        asked[place] = _with_misspelt(asked[place], term)
    for widening in thesaurus.widen(terms):
        places = slice(widening.first, widening.end)
        asked[places] = _widened(searcher, asked[places], widening)
    unknown = [i for i, term in enumerate(terms) if asked[i].query is None and term.is_word]
    for index in unknown if guessing and len(unknown) <= _MOST_GUESSES else ():
        asked[index] = Asked(*guess(searcher, terms[index]), terms[index].quoted)
    return asked


def _as_it_stands(searcher: Searcher, term: Term) -> Asked:
    found = weigh(searcher, term)
    in_a_row = term.quoted or term.has_digits
    if found and in_a_row and is_han(term.text) and not finds(searcher, found.query):
        # It may begin or end within a word: then the index has the rest of that word in between.
        return Asked(exact(searcher, term, slop=1), [term], term.quoted, found.rarity)
    if found is None and term.has_digits:
        # The letters of a law's number are typed in whichever script the keyboard has: 89-FZ.
        term = term.respelt(document_numbers(term.text))
        found = weigh(searcher, term)
    query, rarity = found or (None, 0.0)
    return Asked(query, [term], term.quoted, rarity)


def _with_misspelt(asked: Asked, typed: Term) -> Asked:
    """What a corrected term finds and, because it may have been meant otherwise, its likes."""
    queries = [query for query in (asked.query, misspelt(typed)) if query]
    return replace(asked, query=best(queries) if queries else None)


def _widened(searcher: Searcher, asked: Sequence[Asked], by: Widening) -> list[Asked]:
    weighed = [(term, weigh(searcher, term)) for term in by.alternatives]
    others = [(term, found) for term, found in weighed if found]
    if not others:
        return list(asked)
    shown = [term for term, _ in others]
    return [
        replace(
            each,
            query=best([*([each.query] if each.query else []), *_shares(each, others, len(asked))]),
            shown=[*each.shown, *(shown if place == 0 else ())],
            widened=each.query is None,
        )
        for place, each in enumerate(asked)
    ]


def _shares(asked: Asked, others: Sequence[tuple[Term, Weighed]], parts: int) -> list[Query]:
    """The other names as far as they stand for `asked`, one of so many parts of the name."""
    return [
        Query.boost_query(found.query, WIDENED * (asked.rarity / found.rarity or 1 / parts))
        for _, found in others
    ]


def finds(searcher: Searcher, query: Query) -> bool:
    """Whether any record has what `query` asks for."""
    return bool(searcher.search(query, limit=1, count=False).hits)
