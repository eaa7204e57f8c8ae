"""A card: what a reader finds. It has one member, or those of a story, and is indexed as a whole.

Rules:
- members are in the order of their identifiers, and no record is on two cards;
- what a card is filtered and counted by is what any of its members has, each value once;
- of two members' editions in one language both are searched.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from bri_retrieval.stories.member import Member, Text


@dataclass(frozen=True, slots=True)
class Card:
    """One member or more, as they are shown and stored."""

    members: Sequence[Member]

    @classmethod
    def of(cls, members: Iterable[Member]) -> "Card":
        """The card that has these members."""
        return cls(sorted(members, key=lambda member: member.id))

    @property
    def id(self) -> str:
        """The first member's identifier."""
        return self.members[0].id

    @property
    def ids(self) -> tuple[str, ...]:
        """The members' identifiers."""
        return tuple(member.id for member in self.members)

    @property
    def editions(self) -> Mapping[str, Text]:
        """An edition in each language there is."""
        found: dict[str, Text] = {}
        for language, text in self.texts():
            found.setdefault(language, text)
        return found

    def texts(self) -> Iterator[tuple[str, Text]]:
        """All editions of all members, by language."""
        for member in self.members:
            yield from member.editions.items()

    def keywords(self) -> dict[str, list[str]]:
        """What the card is filtered and counted by, each value once."""
        if len(self.members) == 1:
            own = keywords(self.members[0])
            return {name: [*filter(None, dict.fromkeys(some))] for name, some in own.items()}
        values: dict[str, list[str]] = {}
        for member in self.members:
            for name, some in keywords(member).items():
                known = values.setdefault(name, [])
                known += [value for value in dict.fromkeys(some) if value and value not in known]
        return values

    def dump(self) -> bytes:
        """The card as it is stored."""
        return orjson.dumps([member.dump() for member in self.members])

    @classmethod
    def load(cls, data: bytes) -> "Card":
        """The card that was stored."""
        return cls([Member.load(kept) for kept in orjson.loads(data)])


def keywords(member: Member) -> dict[str, Sequence[str]]:
    """What a record is filtered and counted by, by facet."""
    law = member.law
    return {
        "centre": [member.centre],
        "kind": [member.kind],
        "country": member.countries,
        "topic": member.topics,
        "edition": list(member.editions),
        "jurisdiction": [law.jurisdiction],
        "instrument": [law.instrument],
        "status": [law.status],
    }
