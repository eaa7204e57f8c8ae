"""How a question's terms are asked of the index as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass

from tantivy import Query, Searcher

from bri_retrieval.embedded.guessing import guess
from bri_retrieval.embedded.weighing import exact
from bri_retrieval.question import Term
from bri_retrieval.segmentation import is_han

_MOST_GUESSES = 5
"""A guess takes a millisecond, and who misspells more than this has typed no words at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A term as a query, None where nothing can match, and the terms to be marked for it."""

    query: Query | None
    shown: Sequence[Term]
    required: bool


def ask(searcher: Searcher, terms: Sequence[Term]) -> list[Asked]:
    """Each of `terms` as a query: as it stands, or as it may have been meant where it occurs
    nowhere."""
    asked = [Asked(_query(searcher, term), [term], term.quoted) for term in terms]
    unknown = [i for i, term in enumerate(terms) if asked[i].query is None and term.is_word]
    for index in unknown[:_MOST_GUESSES]:
        asked[index] = Asked(*guess(searcher, terms[index]), terms[index].quoted)
    return asked


def _query(searcher: Searcher, term: Term) -> Query | None:
    query = exact(searcher, term)
    if query and term.quoted and is_han(term.text) and not _finds(searcher, query):
        # It may begin or end within a word: then the index has the rest of that word in between.
        return exact(searcher, term, slop=1)
    return query


def _finds(searcher: Searcher, query: Query) -> bool:
    return bool(searcher.search(query, limit=1, count=False).hits)
