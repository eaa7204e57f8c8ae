"""A word that occurs nowhere, asked as it may have been meant.

Rules:
- in scripts with spaces, as all words that are spelt nearly so or, in the languages that nothing
  is stemmed in, begin so: Kazakh and Kyrgyz hang much on the end of a word;
- in scripts without, where the dictionary may have cut otherwise, as words that begin so, or as the
  longest words in it that the index holds, all of them.
"""

from collections.abc import Sequence

from tantivy import Occur, Query, Searcher

from bri_retrieval import typos
from bri_retrieval.analysis import FAMILIES, Family
from bri_retrieval.embedded.schema import PARTS, SCHEMA
from bri_retrieval.embedded.weighing import BOOSTS, best, exact
from bri_retrieval.question import Term
from bri_retrieval.segmentation import is_han, is_unspaced

_LONGEST_WORD = 8
"""Characters; hardly any Chinese word is longer."""

_MOST_BEGINNINGS = 20
_SHORTEST_BEGINNING = 4
"""Letters; hardly any stem is shorter."""

_SCORE = 2.0
"""What is guessed has no BM25 score; this is about what a word of middling rarity gets."""

Guess = tuple[Query | None, Sequence[Term]]
"""A query, None where there is no guess, and the terms to mark in what it finds."""


def guess(searcher: Searcher, term: Term) -> Guess:
    """What `term`, a word that the index does not hold, may stand for."""
    if is_han(term.text):
        return _divided(searcher, term.text)
    if is_unspaced(term.text):
        return _begun(searcher, term.text), [term]
    likely = [query for query in (misspelt(term), _longer(searcher, term)) if query]
    return best(likely) if likely else None, [term]


def _longer(searcher: Searcher, term: Term) -> Query | None:
    return _begun(searcher, term.text) if len(term.text) >= _SHORTEST_BEGINNING else None


def misspelt(term: Term) -> Query | None:
    """Finds words that are spelt nearly as `term` in the index, whose words are stems."""
    allowed = typos.allowance(term.text)
    if not allowed:
        return None
    own: Family = "en" if term.text.isascii() else "ru"
    return best(
        [
            Query.boost_query(
                Query.fuzzy_term_query(SCHEMA, f"{part}_{of}", term.forms[of][0], allowed),
                BOOSTS[part] * _SCORE,
            )
            for of in (own, "xx")
            for part in PARTS
        ]
    )


def _begun(searcher: Searcher, text: str) -> Query | None:
    of: Family = "zh" if is_han(text) else "xx"
    queries = []
    for part in PARTS:
        field = f"{part}_{of}"
        found = [
            word for word, _ in searcher.terms_with_prefix(field, text, None, _MOST_BEGINNINGS)
        ]
        if found:
            query = Query.term_set_query(SCHEMA, field, found)
            queries.append(Query.boost_query(query, BOOSTS[part] * _SCORE))
    return best(queries) if queries else None


def _divided(searcher: Searcher, text: str) -> Guess:
    parts: list[Term] = []
    queries: list[Query] = []
    while text:
        part, query = _longest(searcher, text)
        if query is None:
            return None, []
        parts.append(part)
        queries.append(query)
        text = text[len(part.text) :]
    return Query.boolean_query([(Occur.Must, query) for query in queries]), parts


def _longest(searcher: Searcher, text: str) -> tuple[Term, Query | None]:
    """The longest beginning of `text` that the index holds; its first character where it holds
    none, as the beginning of a word."""
    for length in range(min(len(text), _LONGEST_WORD), 0, -1):
        part = Term(text[:length], dict.fromkeys(FAMILIES, (text[:length],)))
        query = exact(searcher, part)
        if query is not None:
            return part, query
    return part, _begun(searcher, part.text)
