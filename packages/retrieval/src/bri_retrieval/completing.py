"""Completions of what is being typed, whichever engine looks them up.

Rules:
- topics first, then countries, by any of their names, if records have them; then titles;
- of each, those in the reader's language first; nothing is offered twice;
- where nothing begins so, what was typed may be another script (pinyin, initials, romanised
  Russian, the other keyboard), and where that finds nothing either, it may be misspelt.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bri_retrieval import naming, respelling
from bri_retrieval.engine import Suggestion
from bri_retrieval.folding import fold, printable, tidy
from bri_retrieval.naming import spelt
from bri_retrieval.respelling import Vocabulary
from bri_retrieval.stories.card import Card
from bri_retrieval.typos import allowance, begins_nearly

_LONGEST = 200

Fits = Callable[[str], bool]
"""Whether a title continues what was typed."""


class Titled(NamedTuple):
    """A card by the title that continues what was typed, and that title's language."""

    card: Card
    title: str
    language: str


class Lookup(Protocol):
    """Looks up in one index what completions are made of; what was typed is as `naming.spelt`
    gives it."""

    knows_better: bool
    """Whether what it finds continues what was typed even though no title looks so."""

    def used(self, names: Iterable[Suggestion]) -> Iterator[Suggestion]:
        """Of topics and countries those that a record has."""

    def beginning(self, typed: str) -> Iterable[Card]:
        """Cards with a title that has the words of `typed`, the last one begun; the newest of all
        first."""

    def beginning_nearly(self, typed: str) -> Iterable[Card]:
        """The same, with a typo in that last word forgiven."""

    def vocabulary(self, asked: str) -> Vocabulary:
        """The words that `asked`, folded, may be meant for."""


def suggest(lookup: Lookup, text: str, language: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`, for readers of `language`."""
    asked = fold(tidy(printable(text[:_LONGEST])))
    if not asked or limit < 1:
        return []
    completer = _Completer(lookup, language.partition("-")[0])
    for attempt in (completer.complete, completer.complete_respelt, completer.complete_nearly):
        if found := _distinct(attempt(asked), limit):
            return found
    return []


@dataclass(frozen=True, slots=True)
class _Completer:
    """Completes what is typed, folded, for readers of one language."""

    lookup: Lookup
    language: str

    def complete(self, asked: str) -> Iterator[Suggestion]:
        """What begins as it was typed."""
        typed = spelt(asked)
        if not typed:
            return
        yield from self.lookup.used(naming.complete(typed, self.language))
        yield from self._titles(self.lookup.beginning(typed), lambda title: typed in spelt(title))

    def complete_respelt(self, asked: str) -> Iterator[Suggestion]:
        """What begins so in the script that it was meant in."""
        meant = respelling.respell(asked, self.lookup.vocabulary(asked), whole=False)
        if meant:
            yield from self.complete(meant)

    def complete_nearly(self, asked: str) -> Iterator[Suggestion]:
        """What begins nearly so."""
        typed = spelt(asked)
        last = (typed.split() or [""])[-1]
        if not allowance(last):
            return
        yield from self.lookup.used(naming.complete_nearly(typed, self.language))
        yield from self._titles(self.lookup.beginning_nearly(typed), _nearly(last))

    def _titles(self, cards: Iterable[Card], fits: Fits) -> Iterator[Suggestion]:
        """Titles of cards, those in the reader's language first."""
        found = [each for card in cards if (each := self._titled(card, fits))]
        for own in (True, False):
            for card, title, language in found:
                if (language == self.language) == own:
                    yield Suggestion(title, "title", card.id)

    def _titled(self, card: Card, fits: Fits) -> Titled | None:
        """A card by a title that fits, the one in the reader's language where several do."""
        titles = {language: text.title for language, text in card.editions.items()}
        languages = sorted(titles, key=lambda language: language != self.language)
        fitting = (each for each in languages if fits(titles[each]))
        language = next(fitting, languages[0] if self.lookup.knows_better else None)
        return None if language is None else Titled(card, titles[language], language)


def _nearly(last: str) -> Fits:
    """Whether a word of a title begins nearly as the word that is being typed."""
    return lambda title: any(begins_nearly(word, last, 1) for word in spelt(title).split())


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
