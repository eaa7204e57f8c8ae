"""Cards in memory: the part of an engine that knows which records share one."""

from collections.abc import Collection, Mapping

from bri_retrieval.stories.card import Card
from bri_retrieval.stories.member import Member


class PlayedCards:
    """Cards in memory."""

    def __init__(self) -> None:
        self.of: dict[str, Card] = {}

    def cards(self, record_ids: Collection[str]) -> Mapping[str, Card]:
        return {name: self.of[name] for name in record_ids if name in self.of}

    def bind(self, stories: Collection[Collection[str]]) -> None:
        members = {each.id: each for card in self.of.values() for each in card.members}
        named = {name for story in stories for name in story}
        rest = [[name for name in card.ids if name not in named] for card in self.of.values()]
        for story in filter(None, (*stories, *rest)):
            card = Card.of(members[name] for name in story)
            self.of |= dict.fromkeys(card.ids, card)

    def put(self, member: Member) -> None:
        card = self.of.get(member.id)
        others = [each for each in card.members if each.id != member.id] if card else []
        card = Card.of([member, *others])
        self.of |= dict.fromkeys(card.ids, card)

    def remove(self, name: str) -> None:
        others = [each for each in self.of.pop(name).members if each.id != name]
        if others:
            card = Card.of(others)
            self.of |= dict.fromkeys(card.ids, card)
