"""Completions of what is being typed.

Rules:
- topics first, by label or synonym, if a record has them; then titles;
- of each, those in the reader's language first; nothing is offered twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tantivy import Query, Searcher

from bri_kit import vocabulary
from bri_retrieval.analysis import words
from bri_retrieval.embedded.documents import Card, Text, typed
from bri_retrieval.embedded.schema import SCHEMA, read_card
from bri_retrieval.engine import Suggestion
from bri_retrieval.folding import fold, printable, tidy

_LONGEST = 200
_MOST_TITLES = 20


def suggest(searcher: Searcher, text: str, language: str, limit: int) -> list[Suggestion]:
    """At most `limit` completions of `text`."""
    beginning = _spelt(tidy(printable(text[:_LONGEST])))
    if not beginning or limit < 1:
        return []
    offered: dict[str, Suggestion] = {}
    for suggestion in _all(searcher, beginning, language.partition("-")[0]):
        offered.setdefault(fold(suggestion.text), suggestion)
        if len(offered) == limit:
            break
    return list(offered.values())


def _all(searcher: Searcher, beginning: str, language: str) -> Iterator[Suggestion]:
    yield from _topics(searcher, beginning, language)
    yield from _titles(searcher, beginning, language)


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of a topic: a label, which comes before synonyms, in one language."""

    text: str
    spelt: str
    language: str
    topic: str
    is_label: bool


@cache
def _names() -> Sequence[_Name]:
    return tuple(
        _Name(term, _spelt(term), language, topic.code, term == topic.labels.get(language))
        for topic in vocabulary.topics().values()
        for language in {**topic.labels, **topic.synonyms}
        for term in topic.terms(language)
    )


def _topics(searcher: Searcher, beginning: str, language: str) -> Iterator[Suggestion]:
    found = [name for name in _names() if beginning in name.spelt]
    found.sort(key=lambda name: (name.language != language, not name.is_label, len(name.text)))
    seen: set[str] = set()
    for name in found:
        if name.topic not in seen and searcher.doc_freq("topic", name.topic):
            seen.add(name.topic)
            yield Suggestion(name.text, "topic", name.topic)


def _titles(searcher: Searcher, beginning: str, language: str) -> Iterator[Suggestion]:
    query = Query.phrase_prefix_query(SCHEMA, "typed", [*beginning.split()])
    found = searcher.search(query, limit=_MOST_TITLES, count=False, order_by_field="newest").hits
    cards = (Card.load(read_card(searcher, address)) for _, address in found)
    titled = [(card, _title(card.editions, beginning, language)) for card in cards]
    for own in (True, False):
        for card, (title, tongue) in titled:
            if (tongue == language) == own:
                yield Suggestion(title, "title", card.id)


def _title(editions: Mapping[str, Text], beginning: str, language: str) -> tuple[str, str]:
    """The title that continues what was typed, the reader's own where several do."""
    tongues = sorted(editions, key=lambda tongue: tongue != language)
    fitting = (tongue for tongue in tongues if beginning in _spelt(editions[tongue].title))
    tongue = next(fitting, tongues[0])
    return editions[tongue].title, tongue


def _spelt(text: str) -> str:
    """The words of `text` with a space before each: what begins at a word begins with a space."""
    return "".join(f" {word}" for word in words(typed(text)))
