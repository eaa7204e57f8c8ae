"""Completions of what is being typed. The rules are those of every engine (embedded.suggesting)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from bri_retrieval import naming, respelling
from bri_retrieval.engine import Suggestion
from bri_retrieval.folding import fold, printable, tidy
from bri_retrieval.meili.source import Source
from bri_retrieval.meili.vocabulary import MeiliVocabulary
from bri_retrieval.naming import spelt
from bri_retrieval.stories.card import Card
from bri_retrieval.stories.member import Text
from bri_retrieval.typos import allowance, begins_nearly

_LONGEST = 200
_MOST_NAMES = 30
_MOST_TITLES = 50

Fits = Callable[[str], bool]


def suggest(source: Source, text: str, language: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`."""
    asked = fold(tidy(printable(text[:_LONGEST])))
    if not asked or limit < 1:
        return []
    completer = _Completer(source, language.partition("-")[0])
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

        def fits(title: str) -> bool:
            return any(begins_nearly(word, last, 1) for word in spelt(title).split())

        yield from self._titles(self._source.titled(beginning, _MOST_TITLES), fits)

    def _used(self, names: Iterator[Suggestion]) -> Iterator[Suggestion]:
        """Of topics and countries those that a card has."""
        some: Sequence[Suggestion] = list(islice(names, _MOST_NAMES))
        counts = self._source.having([(each.source, each.code) for each in some])
        yield from (each for each, count in zip(some, counts, strict=True) if count)

    def _titles(self, cards: Sequence[Card], fits: Fits) -> Iterator[Suggestion]:
        titled = [(card, *self._title(card.editions, fits)) for card in cards]
        for own in (True, False):
            for card, title, tongue in titled:
                if title and (tongue == self._language) == own:
                    yield Suggestion(title, "title", card.id)

    def _title(self, editions: Mapping[str, Text], fits: Fits) -> tuple[str, str]:
        """The title that continues what was typed, the reader's own where several do."""
        tongues = sorted(editions, key=lambda tongue: tongue != self._language)
        tongue = next((each for each in tongues if fits(editions[each].title)), "")
        return (editions[tongue].title, tongue) if tongue else ("", "")
