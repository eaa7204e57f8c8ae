"""Keeping stories up to date while records come, change and go.

What is linked follows from the records, their vectors and the decisions, not from what came first:
whoever is looked at again is linked as if everything had arrived at once. A record that arrives is
looked at with those that it is most like, with the stories that any of them are in, and with whom
it leads to from there, which is a handful. Links between others may have become weaker by its
arrival: `relink` of all records settles that, in time linear in their number, and leads to the same
stories in any order.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Protocol

import structlog

from bri_retrieval import panics
from bri_retrieval.set_aside import reason_of
from bri_retrieval.stories import linking
from bri_retrieval.stories.card import Card
from bri_retrieval.stories.facts import Facts, read_facts
from bri_retrieval.stories.grouping import Pair, group, pair
from bri_retrieval.stories.likeness import Likeness
from bri_retrieval.stories.linking import Choice, Link
from bri_retrieval.stories.member import Member

_log = structlog.get_logger()

MOST_LOOKED_AT = 400
"""Records looked at on behalf of a few; whoever is beyond them is looked at on their own behalf."""


class Cards(Protocol):
    """The part of an engine that knows which records share a card; see Engine."""

    def cards(self, record_ids: Collection[str]) -> Mapping[str, Card]: ...
    def bind(self, stories: Collection[Collection[str]]) -> None: ...


class Linker:
    """Puts an engine's records on cards. Used by the thread that writes to the engine."""

    def __init__(self, engine: Cards, likeness: Likeness | None) -> None:
        """Without `likeness` only editors' decisions bring records together."""
        self._engine, self._likeness = engine, likeness

    def relink(self, record_ids: Collection[str]) -> int:
        """Look at these records, which are committed, and at whom they concern; how many stories
        changed. The engine has to be committed afterwards.

        Raises:
            EngineUnavailable: the engine does not answer.
        """
        look = _Look(self._engine, self._likeness)
        stories = look.at(record_ids)
        changed = [story for story in stories if any(set(look.mates(r)) != story for r in story)]
        if changed:
            self._engine.bind(changed)
        return len(changed)


class _Look:
    """One look at some records; what was read for it is kept for as long as it takes."""

    def __init__(self, engine: Cards, likeness: Likeness | None) -> None:
        self._engine, self._likeness = engine, likeness
        self._cards: dict[str, Card | None] = {}
        self.facts = cache(self._read_facts)
        self._near = cache(self._read_near)
        self._chosen = cache(self._choose)

    def at(self, record_ids: Iterable[str]) -> list[frozenset[str]]:
        """The stories of these records, and of all whom they concern."""
        links: dict[Pair, Link] = {}
        seen: dict[str, None] = {}
        asked = list(dict.fromkeys(record_ids))
        waiting = [name for each in asked for name in self._concerned(each)]
        while waiting:
            name = waiting.pop(0)
            if name in seen or self.member(name) is None:
                continue
            seen[name] = None
            found = dict(self._links(name))
            links |= {pair(name, other): each for other, each in found.items()}
            waiting += self._mates_of_all([name])
            if len(seen) < MOST_LOOKED_AT:
                waiting += self._mates_of_all([*found, *self._joined(name)])
        known = {each: link for each, link in links.items() if seen.keys() >= set(each)}
        joined, parted = self._decisions(seen)
        return group(seen, known, joined, parted, self._could_share)

    def mates(self, name: str) -> tuple[str, ...]:
        """Who is on the record's card now, itself among them."""
        card = self._card(name)
        return card.ids if card else ()

    def member(self, name: str) -> Member | None:
        """What is known of a record; None where it is not here."""
        card = self._card(name)
        return next((each for each in card.members if each.id == name), None) if card else None

    def _concerned(self, name: str) -> Iterator[str]:
        """The record, and those that might choose it in place of another from now on."""
        yield name
        for edition in self._editions(name):
            for near in self._near(name, edition).values():
                yield from (other for other, _ in near[:1])

    def _mates_of_all(self, names: Iterable[str]) -> list[str]:
        return [mate for name in names for mate in (name, *self.mates(name))]

    def _joined(self, name: str) -> Collection[str]:
        member = self.member(name)
        return member.joined if member else ()

    def _decisions(self, names: Iterable[str]) -> tuple[set[Pair], set[Pair]]:
        members = [member for name in names if (member := self.member(name))]
        joined = {pair(each.id, other) for each in members for other in each.joined}
        parted = {pair(each.id, other) for each in members for other in each.parted}
        return joined - parted, parted

    def _links(self, name: str) -> Iterator[tuple[str, Link]]:
        """The records that this one is linked with, and how; the firmest link last."""
        found: list[tuple[bool, float, str]] = []
        for edition in self._editions(name):
            for language in self._near(name, edition):
                choice = self._chosen(name, edition, language)
                if choice and (each := self._link(name, choice, edition, language)):
                    found.append((each.firm, each.margin, choice.record_id))
        for firm, margin, other in sorted(found):
            yield other, Link(margin, firm)

    def _link(self, name: str, there: Choice, edition: str, language: str) -> Link | None:
        back = self._chosen(there.record_id, language, edition)
        if back is None or back.record_id != name:
            return None
        one, other = self.facts(name), self.facts(there.record_id)
        if one is None or other is None:
            return None
        return linking.link(one, other, there, back, same_language=edition == language)

    def _choose(self, name: str, edition: str, language: str) -> Choice | None:
        own = self.facts(name)
        near = self._near(name, edition).get(language, ())
        return linking.choose(own, near, self.facts) if own else None

    def _could_share(self, one: str, other: str) -> bool:
        first, second = self.facts(one), self.facts(other)
        between = self._likeness.between(one, other) if self._likeness else {}
        return bool(
            first and second and between and linking.could_share_a_story(first, second, between)
        )

    def _editions(self, name: str) -> list[str]:
        return self._likeness.editions(name) if self._likeness else []

    def _read_near(self, name: str, edition: str) -> dict[str, linking.Near]:
        assert self._likeness, "only who can tell likeness asks for it"
        near = dict(self._likeness.near(name, edition))
        self._read_cards({other for some in near.values() for other, _ in some})
        # A vector may outlive its record for a moment.
        return {
            language: [each for each in some if self._card(each[0])]
            for language, some in near.items()
        }

    def _read_facts(self, name: str) -> Facts | None:
        member = self.member(name)
        try:
            with panics.as_errors():
                return read_facts(member) if member else None
        except Exception as reason:  # noqa: BLE001 - whoever is compared with it goes on
            _log.warning("record.no_facts", record=name, reason=reason_of(reason))
            return None

    def _card(self, name: str) -> Card | None:
        self._read_cards([name])
        return self._cards[name]

    def _read_cards(self, names: Iterable[str]) -> None:
        missing = [name for name in names if name not in self._cards]
        if missing:
            found = self._engine.cards(missing)
            self._cards |= {name: found.get(name) for name in missing}
