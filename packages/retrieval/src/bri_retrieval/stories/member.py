"""A record as an engine keeps it on a card: what is shown of it, and what linking asks about it.

A card has one member, or those of a story. The members' plain text is kept with the card, so that
records can be put on one card, and taken apart, without asking the hub for them again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from bri.content.v1 import content_pb2

from bri_kit import content, html
from bri_retrieval.folding import tidy

MOST_MEMBERS = 32
"""Records on one card: more languages than any story has been told in."""


class Text(NamedTuple):
    """An edition as plain text."""

    title: str
    summary: str
    body: str


class Law(NamedTuple):
    """What a legal instrument is known by; empty for what is none."""

    number: str = ""
    jurisdiction: str = ""
    instrument: str = ""
    status: str = ""
    adopted: str = ""
    amends: Sequence[str] = ()
    repeals: Sequence[str] = ()

    @property
    def names(self) -> Sequence[str]:
        """The numbers that it is found by: its own, and those of what it changes."""
        return [each for each in (self.number, *self.amends, *self.repeals) if each]


@dataclass(frozen=True, slots=True)
class Member:
    """One record. `number` is that of its newest change, `date` the one readers know it by, `event`
    the day it happened on (both ISO 8601, or empty); `editions` are by language, in the order of
    the record. `joined` and `parted` are what editors decided: records that tell the same, or do
    not. It was `published` at first, and as it is at `changed` (both RFC 3339, or empty)."""

    id: str
    number: int
    kind: str
    date: str
    event: str
    original: str
    source: str
    countries: Sequence[str]
    topics: Sequence[str]
    law: Law
    joined: Sequence[str]
    parted: Sequence[str]
    editions: Mapping[str, Text]
    published: str = ""
    changed: str = ""

    @property
    def centre(self) -> str:
        """The code of the centre that published the record."""
        return content.centre_of(self.id)

    @classmethod
    def of(
        cls,
        record: content_pb2.Record,
        number: int,
        joined: Sequence[str] = (),
        parted: Sequence[str] = (),
        at: str = "",
    ) -> "Member":
        """`record` as it is since the change `number`, published at the time `at`, with what
        editors decided about it."""
        policy = record.policy
        return cls(
            id=record.id,
            number=number,
            kind=content.KIND_NAMES.get(record.kind, "unknown"),
            date=content.display_date(record),
            event=record.dates.event,
            original=record.original_language,
            source=record.source.url,
            countries=list(record.countries),
            topics=list(record.topics),
            law=Law(
                policy.number,
                policy.jurisdiction,
                policy.instrument,
                policy.status,
                policy.adopted,
                list(policy.amends),
                list(policy.repeals),
            ),
            joined=list(joined),
            parted=list(parted),
            editions={edition.language: _text(edition) for edition in record.editions},
            published=record.dates.published,
            changed=at or record.dates.published,
        )

    def dump(self) -> list[Any]:
        """The member as JSON's types."""
        values = {name: getattr(self, name) for name in _names()}
        editions = {language: list(text) for language, text in self.editions.items()}
        return [*(values | {"law": list(self.law), "editions": editions}).values()]

    @classmethod
    def load(cls, kept: Sequence[Any]) -> "Member":
        """The member that was dumped."""
        values = dict(zip(_names(), kept, strict=True))
        texts = {language: Text(*text) for language, text in values["editions"].items()}
        return cls(**values | {"law": Law(*values["law"]), "editions": texts})


@cache
def _names() -> tuple[str, ...]:
    return tuple(each.name for each in fields(Member))


def milliseconds(moment: str) -> int:
    """Milliseconds from 1970 to an RFC 3339 time; 0 where it is none, or earlier."""
    try:
        return max(int(datetime.fromisoformat(moment).timestamp() * 1_000), 0)
    except (ValueError, OverflowError, OSError):
        return 0


def _text(edition: content_pb2.Edition) -> Text:
    return Text(
        tidy(edition.title).strip(), tidy(edition.summary), tidy(html.plain_text(edition.body))
    )
