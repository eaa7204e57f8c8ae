"""Completions of what is being typed, looked up in the index (see `completing`)."""

from collections.abc import Iterable, Iterator

from tantivy import Query, Searcher

from bri_retrieval import completing
from bri_retrieval.embedded.documents import Card
from bri_retrieval.embedded.schema import SCHEMA, read_card
from bri_retrieval.embedded.vocabulary import IndexVocabulary
from bri_retrieval.engine import Suggestion

_MOST_TITLES = 20


def suggest(searcher: Searcher, text: str, language: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`."""
    return completing.suggest(_Lookup(searcher), text, language, limit)


class _Lookup:
    """Looks up in one state of the index."""

    knows_better = True

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def used(self, names: Iterable[Suggestion]) -> Iterator[Suggestion]:
        """Of topics and countries those that a record has."""
        for name in names:
            query = Query.term_query(SCHEMA, name.source, name.code, index_option="basic")
            if self._searcher.search(query, limit=1, count=False).hits:
                yield name

    def beginning(self, typed: str) -> Iterator[Card]:
        """Cards with a title that has these words after one another, the last one begun."""
        return self._newest(Query.phrase_prefix_query(SCHEMA, "typed", [*typed.split()]))

    def beginning_nearly(self, typed: str) -> Iterator[Card]:
        """Cards with a title that has these words, the last one begun nearly so."""
        *before, last = typed.split()
        query = Query.fuzzy_term_query(SCHEMA, "typed", last, 1, prefix=True)
        if before:
            query = query.and_must_match(*(_typed(word) for word in before))
        return self._newest(query)

    def vocabulary(self, asked: str) -> IndexVocabulary:
        """All words of the index."""
        return IndexVocabulary(self._searcher)

    def _newest(self, query: Query) -> Iterator[Card]:
        found = self._searcher.search(
            query, limit=_MOST_TITLES, count=False, order_by_field="newest"
        ).hits
        return (Card.load(read_card(self._searcher, address)) for _, address in found)


def _typed(word: str) -> Query:
    return Query.term_query(SCHEMA, "typed", word)
