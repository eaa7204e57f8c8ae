"""Completions of what is being typed.

Rules:
- topics first, then countries, by any of their names, if records have them; then titles;
- of each, those in the reader's language first; nothing is offered twice;
- where nothing begins so, what was typed may be another script (pinyin, initials, romanised
  Russian, the other keyboard), and where that finds nothing either, it may be misspelt.
"""

from collections.abc import Callable, Iterator, Mapping

from tantivy import Query, Searcher

from bri_retrieval import naming, respelling
from bri_retrieval.embedded.documents import Card, Text
from bri_retrieval.embedded.schema import SCHEMA, read_card
from bri_retrieval.embedded.vocabulary import IndexVocabulary
from bri_retrieval.engine import Suggestion
from bri_retrieval.folding import fold, printable, tidy
from bri_retrieval.naming import spelt
from bri_retrieval.typos import allowance, begins_nearly

_LONGEST = 200
_MOST_TITLES = 20


def suggest(searcher: Searcher, text: str, language: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`."""
    asked = fold(tidy(printable(text[:_LONGEST])))
    if not asked or limit < 1:
        return []
    completer = _Completer(searcher, language.partition("-")[0])
    for attempt in (completer.complete, completer.complete_respelt, completer.complete_nearly):
        if found := _distinct(attempt(asked), limit):
            return found
    return []


def _distinct(suggestions: Iterator[Suggestion], limit: int) -> list[Suggestion]:
    offered: dict[str, Suggestion] = {}
    codes: set[str] = set()
    for suggestion in suggestions:
        if suggestion.code not in codes:
            codes.add(suggestion.code)
            offered.setdefault(fold(suggestion.text), suggestion)
        if len(offered) == limit:
            break
    return list(offered.values())


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

        def fits(title: str) -> bool:
            return any(begins_nearly(word, last, 1) for word in spelt(title).split())

        yield from self._titles(query, fits)

    def _used(self, names: Iterator[Suggestion]) -> Iterator[Suggestion]:
        """Of topics and countries those that a record has."""
        for name in names:
            query = Query.term_query(SCHEMA, name.source, name.code, index_option="basic")
            if self._searcher.search(query, limit=1, count=False).hits:
                yield name

    def _titles(self, query: Query, fits: Callable[[str], bool]) -> Iterator[Suggestion]:
        found = self._searcher.search(
            query, limit=_MOST_TITLES, count=False, order_by_field="newest"
        ).hits
        cards = (Card.load(read_card(self._searcher, address)) for _, address in found)
        titled = [(card, self._title(card.editions, fits)) for card in cards]
        for own in (True, False):
            for card, (title, tongue) in titled:
                if (tongue == self._language) == own:
                    yield Suggestion(title, "title", card.id)

    def _title(self, editions: Mapping[str, Text], fits: Callable[[str], bool]) -> tuple[str, str]:
        """The title that continues what was typed, the reader's own where several do."""
        tongues = sorted(editions, key=lambda tongue: tongue != self._language)
        tongue = next((each for each in tongues if fits(editions[each].title)), tongues[0])
        return editions[tongue].title, tongue


def _typed(word: str) -> Query:
    return Query.term_query(SCHEMA, "typed", word)
