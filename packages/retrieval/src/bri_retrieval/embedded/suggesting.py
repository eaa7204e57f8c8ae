"""Completions of what is being typed, looked up in the index (see `completing`)."""

from collections.abc import Iterator

from tantivy import Query, Searcher

from bri_retrieval import completing, naming, respelling
from bri_retrieval.completing import Fits, Titled
from bri_retrieval.embedded.documents import Card
from bri_retrieval.embedded.schema import SCHEMA, read_card
from bri_retrieval.embedded.vocabulary import IndexVocabulary
from bri_retrieval.engine import Suggestion
from bri_retrieval.naming import spelt
from bri_retrieval.typos import allowance

_MOST_TITLES = 20


def suggest(searcher: Searcher, text: str, language: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`."""
    completer = _Completer(searcher, language.partition("-")[0])
    return completing.suggest(completer, text, limit)


class _Completer:
    """Completes from one index, for readers of one language."""

    def __init__(self, searcher: Searcher, language: str) -> None:
        self._searcher = searcher
        self._language = language

    def complete(self, asked: str) -> Iterator[Suggestion]:
        """What begins as it was typed."""
        beginning = spelt(asked)
        if not beginning:
            return
        yield from self._used(naming.complete(beginning, self._language))
        query = Query.phrase_prefix_query(SCHEMA, "typed", [*beginning.split()])
        yield from self._titles(query, lambda title: beginning in spelt(title))

    def complete_respelt(self, asked: str) -> Iterator[Suggestion]:
        """What begins so in the script that it was meant in."""
        meant = respelling.respell(asked, IndexVocabulary(self._searcher), whole=False)
        if meant:
            yield from self.complete(meant)

    def complete_nearly(self, asked: str) -> Iterator[Suggestion]:
        """What begins nearly so."""
        beginning = spelt(asked)
        *before, last = beginning.split() or [""]
        allowed = allowance(last)
        if not allowed:
            return
        yield from self._used(naming.complete_nearly(beginning, self._language))
        query = Query.fuzzy_term_query(SCHEMA, "typed", last, 1, prefix=True)
        if before:
            query = query.and_must_match(*(_typed(word) for word in before))

        yield from self._titles(query, completing.nearly(last))

    def _used(self, names: Iterator[Suggestion]) -> Iterator[Suggestion]:
        """Of topics and countries those that a record has."""
        for name in names:
            query = Query.term_query(SCHEMA, name.source, name.code, index_option="basic")
            if self._searcher.search(query, limit=1, count=False).hits:
                yield name

    def _titles(self, query: Query, fits: Fits) -> Iterator[Suggestion]:
        found = self._searcher.search(
            query, limit=_MOST_TITLES, count=False, order_by_field="newest"
        ).hits
        cards = (Card.load(read_card(self._searcher, address)) for _, address in found)
        titles = (
            completing.titled(card, fits, self._language) or self._any(card) for card in cards
        )
        yield from completing.offer(titles, self._language)

    def _any(self, card: Card) -> Titled:
        """What the index found though no title looks so: it knows better."""
        language = self._language if self._language in card.editions else next(iter(card.editions))
        return Titled(card, card.editions[language].title, language)


def _typed(word: str) -> Query:
    return Query.term_query(SCHEMA, "typed", word)
