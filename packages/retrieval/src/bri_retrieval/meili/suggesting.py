"""Completions of what is being typed, looked up on the server (see `completing`)."""

from collections.abc import Iterable, Iterator
from itertools import islice

from bri_retrieval import completing
from bri_retrieval.engine import Suggestion
from bri_retrieval.meili.source import Source
from bri_retrieval.meili.vocabulary import MeiliVocabulary
from bri_retrieval.stories.card import Card

_MOST_NAMES = 30
_MOST_TITLES = 50


def suggest(source: Source, text: str, language: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`."""
    return completing.suggest(_Lookup(source), text, language, limit)


class _Lookup:
    """Looks up in one index; typos are forgiven where none were asked to be, so titles decide."""

    knows_better = False

    def __init__(self, source: Source) -> None:
        self._source = source

    def used(self, names: Iterable[Suggestion]) -> Iterator[Suggestion]:
        """Of topics and countries those that a card has, asked for at once."""
        some = list(islice(names, _MOST_NAMES))
        counts = self._source.having([(each.source, each.code) for each in some])
        yield from (each for each, count in zip(some, counts, strict=True) if count)

    def beginning(self, typed: str) -> list[Card]:
        """Cards with a title that has these words, the last one begun, perhaps nearly so."""
        return self._source.titled(typed, _MOST_TITLES)

    beginning_nearly = beginning

    def vocabulary(self, asked: str) -> MeiliVocabulary:
        """The words that `asked` may be meant for."""
        return MeiliVocabulary(self._source, asked, whole=False)
