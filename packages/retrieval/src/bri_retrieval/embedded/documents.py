"""What becomes of a record: a document to find it by, and a card to show.

The card holds the editions' plain text, so that snippets are cut from what readers see and the
index keeps only words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import orjson
from bri.content.v1 import content_pb2
from tantivy import Document

from bri_kit import content, html
from bri_retrieval.analysis import family, prepare
from bri_retrieval.folding import fold, tidy
from bri_retrieval.segmentation import SEPARATOR

_NUMBER_BITS = 44
"""Room for the change's number below the day in the order of the newest: 2^44 changes."""

_LETTER_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\uf900-\ufaff]")


class Text(NamedTuple):
    """An edition as plain text."""

    title: str
    summary: str
    body: str


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of a record. `editions` are by language, in the order of the record."""

    id: str
    kind: str
    date: str
    original: str
    countries: Sequence[str]
    topics: Sequence[str]
    editions: Mapping[str, Text]

    @property
    def centre(self) -> str:
        """The code of the centre that published the record."""
        return content.centre_of(self.id)

    def dump(self) -> bytes:
        """The card as it is stored."""
        fields = (self.id, self.kind, self.date, self.original, self.countries, self.topics)
        editions = {language: list(text) for language, text in self.editions.items()}
        return orjson.dumps([*fields, editions])

    @classmethod
    def load(cls, data: bytes) -> "Card":
        """The card that was stored."""
        fields = orjson.loads(data)
        fields[-1] = {language: Text(*text) for language, text in fields[-1].items()}
        return cls(*fields)


def card(record: content_pb2.Record) -> Card:
    """What is shown of `record`."""
    return Card(
        record.id,
        content.KIND_NAMES.get(record.kind, "unknown"),
        content.display_date(record),
        record.original_language,
        list(record.countries),
        list(record.topics),
        {edition.language: _text(edition) for edition in record.editions},
    )


def document(record: content_pb2.Record, number: int) -> Document:
    """The document of `record` as it is since the change `number`."""
    shown = card(record)
    found = Document()
    found.add_text("id", shown.id)
    _add_keywords(found, shown)
    _add_dates(found, shown.date, number)
    for language, text in shown.editions.items():
        _add_text(found, language, text)
    if record.policy.number:
        # Whoever knows a law by its number need not know how the text around it cites it.
        field = f"summary_{family(shown.original)}"
        found.add_text(field, prepare(record.policy.number, shown.original))
    found.add_bytes("card", shown.dump())
    return found


def typed(text: str) -> str:
    """A title, or the beginning of one, as words that are being typed: unstemmed, and character by
    character in scripts without spaces, where nobody knows yet where the word will end."""
    return _LETTER_WORD.sub(lambda letter: f"{SEPARATOR}{letter[0]}{SEPARATOR}", fold(text))


def _text(edition: content_pb2.Edition) -> Text:
    return Text(
        tidy(edition.title).strip(), tidy(edition.summary), tidy(html.plain_text(edition.body))
    )


def _add_keywords(found: Document, shown: Card) -> None:
    values: dict[str, Any] = {
        "centre": [shown.centre],
        "kind": [shown.kind],
        "country": shown.countries,
        "topic": shown.topics,
        "edition": shown.editions,
    }
    for name, items in values.items():
        for item in items:
            found.add_text(name, item)


def _add_dates(found: Document, day: str, number: int) -> None:
    try:
        ordinal = date.fromisoformat(day).toordinal()
        found.add_unsigned("year", int(day[:4]))
        found.add_unsigned("day", ordinal)
    except ValueError:
        ordinal = 0  # an unknown date is older than all others and in no range of dates
    found.add_unsigned("newest", ordinal << _NUMBER_BITS | number)


def _add_text(found: Document, language: str, text: Text) -> None:
    of = family(language)
    for part, value in zip(text._fields, text, strict=True):
        if value:
            found.add_text(f"{part}_{of}", prepare(value, language))
    found.add_text("typed", typed(text.title))
