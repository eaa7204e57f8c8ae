"""What becomes of cards, so that each record is on one card only.

Rules:
- a record that changes stays on its card, and the card is written anew with all its members;
- what is applied is kept in its order until the commit, which reads the cards concerned once;
- a card is named after its first member: one that changes its name leaves nothing behind;
- a record that cannot be read is on no card, and a problem.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from bri_retrieval import panics
from bri_retrieval.engine import Change
from bri_retrieval.set_aside import member_of, reason_of
from bri_retrieval.stories.card import Card
from bri_retrieval.stories.member import Member

Story = Collection[str]
Work = Change | Sequence[Story]
"""What became of a record, or stories to be put on one card each."""

Reader = Callable[[Collection[str]], Mapping[str, Card]]
"""Finds the cards that have any of some records, by each record on them."""


class Outcome(NamedTuple):
    """The cards to be written, the names of those that are no more, the records that changed, and
    why some of those are on no card."""

    cards: list[Card]
    gone: list[str]
    changed: list[str]
    problems: dict[str, str]


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

    def outcome(self, read: Reader) -> Outcome:
        """What is to be written."""
        before = read(self._concerned())
        places = _Places(before)
        for work in self._work:
            if isinstance(work, Change):
                places.put(work)
            else:
                places.bind(work)
        cards = list(places.changed())
        gone = {card.id for card in before.values()} - {card.id for card in places.all()}
        changed = [work.record_id for work in self._work if isinstance(work, Change)]
        return Outcome(cards, sorted(gone), changed, places.problems)

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
        self.problems: dict[str, str] = {}

    def put(self, change: Change) -> None:
        """Take in what became of a record."""
        name = change.record_id
        mates = self._mates.get(name, frozenset())
        self._touched |= mates
        if own := self._read(change):
            self._members[name] = own
            self._place(mates | {name})
            return
        self._members.pop(name, None)
        self._mates.pop(name, None)
        self._place(mates - {name})

    def _read(self, change: Change) -> Member | None:
        self.problems.pop(change.record_id, None)
        try:
            with panics.as_errors():
                return member_of(change)
        except Exception as reason:  # noqa: BLE001 - whatever it is, the next record goes on
            self.problems[change.record_id] = reason_of(reason)
            return None

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
