"""What becomes of cards, so that each record is on one card only.

Rules:
- a record that changes stays on its card, and the card is written anew with all its members;
- what is applied is kept in its order until the commit, which reads the cards concerned once;
- a card is named after its first member: one that changes its name leaves nothing behind.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from bri_retrieval.engine import Change
from bri_retrieval.stories.card import Card
from bri_retrieval.stories.member import Member

Story = Collection[str]
Work = Change | Sequence[Story]
"""What became of a record, or stories to be put on one card each."""

Reader = Callable[[Collection[str]], Mapping[str, Card]]
"""Finds the cards that have any of some records, by each record on them."""


class Bindings:
    """What waits for a commit."""

    def __init__(self) -> None:
        self._work: list[Work] = []

    def __len__(self) -> int:
        return len(self._work)

    def add(self, work: Iterable[Work]) -> None:
        """Let these wait."""
        self._work += work

    def clear(self) -> None:
        """Give up everything that waits."""
        self._work.clear()

    def outcome(self, read: Reader) -> tuple[list[Card], list[str]]:
        """The cards to be written, and the names of those that are no more."""
        before = read(self._concerned())
        places = _Places(before)
        for work in self._work:
            if isinstance(work, Change):
                places.put(work)
            else:
                places.bind(work)
        cards = list(places.changed())
        gone = {card.id for card in before.values()} - {card.id for card in places.all()}
        return cards, sorted(gone)

    def _concerned(self) -> Collection[str]:
        names: dict[str, None] = {}
        for work in self._work:
            if isinstance(work, Change):
                names[work.record_id] = None
            else:
                names |= dict.fromkeys(name for story in work for name in story)
        return names


class _Places:
    """Which records are on one card, and which cards are not as they were."""

    def __init__(self, cards: Mapping[str, Card]) -> None:
        self._members = {m.id: m for card in cards.values() for m in card.members}
        self._mates: dict[str, frozenset[str]] = {
            name: frozenset(card.ids) for name, card in cards.items()
        }
        self._touched: set[str] = set()

    def put(self, change: Change) -> None:
        """Take in what became of a record."""
        name, record = change.record_id, change.record
        mates = self._mates.get(name, frozenset())
        self._touched |= mates
        # Without an edition there is nothing to show; no hub takes such a record.
        if record is not None and record.editions:
            own = Member.of(record, change.number, change.joined, change.parted, change.at)
            self._members[name] = own
            self._place(mates | {name})
            return
        self._members.pop(name, None)
        self._mates.pop(name, None)
        self._place(mates - {name})

    def bind(self, stories: Sequence[Story]) -> None:
        """Put the records of each story on one card."""
        known = [[name for name in story if name in self._members] for story in stories]
        named = {name for story in known for name in story}
        for mates in {self._mates[name] for name in named}:
            self._place(mates - named)
        for story in known:
            self._place(frozenset(story))

    def all(self) -> list[Card]:
        """The cards as they are now."""
        return [
            Card.of(self._members[name] for name in mates) for mates in set(self._mates.values())
        ]

    def changed(self) -> list[Card]:
        """Those that are not as they were."""
        return [card for card in self.all() if self._touched.intersection(card.ids)]

    def _place(self, names: frozenset[str]) -> None:
        self._touched |= names
        self._mates |= dict.fromkeys(names, names)
