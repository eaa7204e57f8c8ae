"""Completions of what is being typed, looked up on the server (see `completing`)."""

from collections.abc import Iterator, Sequence
from itertools import islice

from bri_retrieval import completing, naming, respelling
from bri_retrieval.completing import Fits
from bri_retrieval.engine import Suggestion
from bri_retrieval.meili.source import Source
from bri_retrieval.meili.vocabulary import MeiliVocabulary
from bri_retrieval.naming import spelt
from bri_retrieval.stories.card import Card
from bri_retrieval.typos import allowance

_MOST_NAMES = 30
_MOST_TITLES = 50


def suggest(source: Source, text: str, language: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`."""
    completer = _Completer(source, language.partition("-")[0])
    return completing.suggest(completer, text, limit)


class _Completer:
    """Completes from one index, for readers of one language."""

    def __init__(self, source: Source, language: str) -> None:
        self._source = source
        self._language = language

    def complete(self, asked: str) -> Iterator[Suggestion]:
        """What begins as it was typed."""
        beginning = spelt(asked)
        if not beginning:
            return
        yield from self._used(naming.complete(beginning, self._language))
        cards = self._source.titled(beginning, _MOST_TITLES)
        yield from self._titles(cards, lambda title: beginning in spelt(title))

    def complete_respelt(self, asked: str) -> Iterator[Suggestion]:
        """What begins so in the script that it was meant in."""
        meant = respelling.respell(
            asked, MeiliVocabulary(self._source, asked, whole=False), whole=False
        )
        if meant:
            yield from self.complete(meant)

    def complete_nearly(self, asked: str) -> Iterator[Suggestion]:
        """What begins nearly so."""
        beginning = spelt(asked)
        last = (beginning.split() or [""])[-1]
        if not allowance(last):
            return
        yield from self._used(naming.complete_nearly(beginning, self._language))

        cards = self._source.titled(beginning, _MOST_TITLES)
        yield from self._titles(cards, completing.nearly(last))

    def _used(self, names: Iterator[Suggestion]) -> Iterator[Suggestion]:
        """Of topics and countries those that a card has."""
        some: Sequence[Suggestion] = list(islice(names, _MOST_NAMES))
        counts = self._source.having([(each.source, each.code) for each in some])
        yield from (each for each, count in zip(some, counts, strict=True) if count)

    def _titles(self, cards: Sequence[Card], fits: Fits) -> Iterator[Suggestion]:
        found = (completing.titled(card, fits, self._language) for card in cards)
        yield from completing.offer((each for each in found if each), self._language)
