"""Completions of what is being typed, whichever engine looks them up.

Rules:
- topics first, then countries, by any of their names, if records have them; then titles;
- of each, those in the reader's language first; nothing is offered twice;
- where nothing begins so, what was typed may be another script (pinyin, initials, romanised
  Russian, the other keyboard), and where that finds nothing either, it may be misspelt.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from bri_retrieval.engine import Suggestion
from bri_retrieval.folding import fold, printable, tidy
from bri_retrieval.naming import spelt
from bri_retrieval.stories.card import Card
from bri_retrieval.stories.member import Text
from bri_retrieval.typos import begins_nearly

_LONGEST = 200

Fits = Callable[[str], bool]
"""Whether a title continues what was typed."""


class Titled(NamedTuple):
    """A card by the title that continues what was typed, and that title's language."""

    card: Card
    title: str
    language: str


class Completer(Protocol):
    """Looks completions up in one index, for readers of one language; what was typed is folded."""

    def complete(self, asked: str) -> Iterator[Suggestion]:
        """What begins as it was typed."""

    def complete_respelt(self, asked: str) -> Iterator[Suggestion]:
        """What begins so in the script that it was meant in."""

    def complete_nearly(self, asked: str) -> Iterator[Suggestion]:
        """What begins nearly so."""


def suggest(completer: Completer, text: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`."""
    asked = fold(tidy(printable(text[:_LONGEST])))
    if not asked or limit < 1:
        return []
    for attempt in (completer.complete, completer.complete_respelt, completer.complete_nearly):
        if found := _distinct(attempt(asked), limit):
            return found
    return []


def titled(card: Card, fits: Fits, language: str) -> Titled | None:
    """`card` by a title that fits, the one in `language` where several do; None where none does."""
    editions: Mapping[str, Text] = card.editions
    for tongue in sorted(editions, key=lambda tongue: tongue != language):
        if fits(editions[tongue].title):
            return Titled(card, editions[tongue].title, tongue)
    return None


def offer(found: Iterable[Titled], language: str) -> Iterator[Suggestion]:
    """Titles, those in `language` first."""
    some = list(found)
    for own in (True, False):
        for card, title, tongue in some:
            if (tongue == language) == own:
                yield Suggestion(title, "title", card.id)


def nearly(last: str) -> Fits:
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
