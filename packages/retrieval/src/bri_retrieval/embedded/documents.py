"""What becomes of a card, one record or several of a story: a document to find it by.

The stored card holds the editions' plain text, so that snippets are cut from what readers see and
the index keeps only words.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from bri.content.v1 import content_pb2
from tantivy import Document

from bri_retrieval import pinyin
from bri_retrieval.analysis import Family, family, prepare, typed
from bri_retrieval.embedded.terms import terms
from bri_retrieval.stories.card import Card
from bri_retrieval.stories.member import Member, Text, milliseconds

__all__ = ["SOUNDS_LIKE", "Card", "Text", "card", "document"]

_NUMBER_BITS = 44
"""Room for the change's number below the day in the order of the newest: 2^44 changes."""

_LAST_DAY = (1 << 20) - 1
"""Days since the year 1, until 2871: what is dated later is as late."""

_MOMENT_BITS = 22
_LATEST = (1 << 42) - 1
"""Milliseconds since 1970, until 2109: what is said to be later is as late."""

SOUNDS_LIKE = "|"
"""Between a sound and the word that sounds so."""

_SPELT_WORD = re.compile(r"[a-z\u0430-\u052f]{3,24}")
_HAN_WORD = re.compile(r"[\u3400-\u9fff]{2,8}")


def card(
    record: content_pb2.Record,
    number: int = 0,
    joined: Sequence[str] = (),
    parted: Sequence[str] = (),
) -> Card:
    """The card of `record` alone, as it is since the change `number`."""
    return Card([Member.of(record, number, joined, parted)])


def document(shown: Card) -> Document:
    """The document of a card."""
    found = Document()
    for name in shown.ids:
        found.add_text("id", name)
    found.add_unsigned("members", len(shown.members))
    for name, values in shown.keywords().items():
        for value in values:
            found.add_text(name, value)
    _add_dates(found, shown)
    prepared = [
        (family(language), [_prepared(part, language) for part in text])
        for language, text in shown.texts()
    ]
    for of, parts in prepared:
        for name, part in zip(Text._fields, parts, strict=True):
            if part:
                found.add_text(f"{name}_{of}", terms(part, of))
    for _, text in shown.texts():
        found.add_text("typed", typed(text.title))
    for member in shown.members:
        # Whoever knows a law by its number need not know how the text around it cites it.
        for number in member.law.names:
            of = family(member.original)
            found.add_text(f"summary_{of}", terms(prepare(number, member.original), of))
    _add_vocabulary(found, prepared)
    found.add_bytes("card", shown.dump())
    return found


def _add_dates(found: Document, shown: Card) -> None:
    days = [_ordinal(member.date) for member in shown.members]
    known = sorted({day for day in days if day})
    for day in known:
        found.add_unsigned("day", day)
    for year in dict.fromkeys(date.fromordinal(day).year for day in known):
        found.add_unsigned("year", year)
    found.add_unsigned("newest", max(map(_newest, days, shown.members)))
    found.add_unsigned("changed", max(map(_changed, shown.members)))


def _newest(day: int, member: Member) -> int:
    """The order of what is newest by its own date; of one day the newest change."""
    return min(day, _LAST_DAY) << _NUMBER_BITS | member.number % (1 << _NUMBER_BITS)


def _changed(member: Member) -> int:
    """The order of what was published or revised last; of one moment the newest change."""
    moment = min(milliseconds(member.changed), _LATEST)
    return moment << _MOMENT_BITS | member.number % (1 << _MOMENT_BITS)


def _ordinal(day: str) -> int:
    try:
        return date.fromisoformat(day).toordinal()
    except ValueError:
        return 0  # an unknown date is older than all others and in no range of dates


def _prepared(text: str, language: str) -> str:
    return prepare(text, language) if text else ""


def _add_vocabulary(found: Document, prepared: Sequence[tuple[Family, Sequence[str]]]) -> None:
    """The words of titles and summaries as they are spelt, and how the Chinese words of titles
    sound. Those of bodies would cost a sixth of all indexing."""
    spelt: set[str] = set()
    sounding: set[str] = set()
    for of, (title, summary, _) in prepared:
        if of == "zh":
            sounding.update(_HAN_WORD.findall(title))
        else:
            spelt.update(_SPELT_WORD.findall(title), _SPELT_WORD.findall(summary))
    found.add_text("words", " ".join(spelt))
    for word in sounding:
        for sound in _sounds(word):
            found.add_text("sounds", sound)


@lru_cache(maxsize=20_000)
def _sounds(word: str) -> tuple[str, ...]:
    """How a Chinese word sounds, and its initials, each with the word."""
    heard = (*pinyin.sounds(word), pinyin.initials(word))
    return tuple(f"{sound}{SOUNDS_LIKE}{word}" for sound in heard)
