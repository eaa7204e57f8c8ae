"""Stories while records come, change and go: the linker over cards and likenesses that are told."""

import random
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from bri_retrieval.stories.linker import Linker
from bri_retrieval.stories.linking import Near
from bri_retrieval.stories.member import Member
from tests.contract.engines.conftest import a_record
from tests.support.cards import PlayedCards

CENTRES = {"en": "sco", "zh": "asean", "ru": "kz-x"}


class PlayedLikeness:
    """Records of one fact are alike, all others are not; whoever has no vectors yet is unknown."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, int]] = {}

    def editions(self, record_id: str) -> list[str]:
        return [self.known[record_id][0]] if record_id in self.known else []

    def near(self, record_id: str, edition: str) -> Mapping[str, Near]:
        found: dict[str, list[tuple[str, float]]] = {}
        for other, (language, _) in sorted(self.known.items()):
            if other != record_id:
                found.setdefault(language, []).append((other, self._alike(record_id, other)))
        return {name: sorted(some, key=lambda each: -each[1]) for name, some in found.items()}

    def between(self, one: str, other: str) -> Mapping[tuple[str, str], float]:
        if not self.known.keys() >= {one, other}:
            return {}
        return {(self.known[one][0], self.known[other][0]): self._alike(one, other)}

    def _alike(self, one: str, other: str) -> float:
        (_, mine), (_, theirs) = self.known[one], self.known[other]
        return 0.9 if mine == theirs else 0.1 + 0.001 * (mine + theirs)


class Shelf:
    """Cards whose records get their vectors when a test says so."""

    def __init__(self) -> None:
        self.engine = PlayedCards()
        self.likeness = PlayedLikeness()
        self.linker = Linker(self.engine, self.likeness)
        self._number = 0

    def put(self, language: str, fact: int, centre: str = "", **decided: Any) -> str:
        """Publish the record of a fact in a language; its name."""
        self._number += 1
        code = centre or CENTRES[language]
        record = a_record(fact, centre=code, editions={language: (f"{language}", "text")})
        self.engine.put(Member.of(record, self._number, **decided))
        return record.id

    def link(self, *names: str) -> int:
        return self.linker.relink(names)

    def tell(self, language: str, fact: int, centre: str = "") -> str:
        """Publish, embed and link."""
        name = self.put(language, fact, centre)
        self.likeness.known[name] = (language, fact)
        self.link(name)
        return name

    def remove(self, name: str) -> None:
        self.engine.remove(name)
        self.likeness.known.pop(name, None)

    def stories(self, names: Collection[str]) -> set[tuple[str, ...]]:
        return {card.ids for card in self.engine.cards(names).values()}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def _together(*names: str) -> tuple[str, ...]:
    return tuple(sorted(names))


def test_a_late_record_joins_its_story(shelf: Shelf) -> None:
    """The first stands alone, the second makes a story, the third joins it."""
    en, zh = shelf.tell("en", 1), shelf.tell("zh", 1)
    assert shelf.stories([en, zh]) == {_together(en, zh)}
    ru, other = shelf.tell("ru", 1), shelf.tell("ru", 2)
    assert shelf.stories([en, zh, ru, other]) == {_together(en, zh, ru), (other,)}


def test_looking_again_changes_nothing(shelf: Shelf) -> None:
    """Whoever is linked as it should be is left alone, and nothing is written."""
    names = [shelf.tell("en", 1), shelf.tell("zh", 1), shelf.tell("zh", 2)]
    assert shelf.link(*names) == 0


def test_without_vectors_nothing_is_linked(shelf: Shelf) -> None:
    """A record waits for its vectors; unknown names are no mistake."""
    en, zh = shelf.tell("en", 1), shelf.put("zh", 1)
    assert shelf.link(zh, "sco:unknown") == 0
    assert shelf.stories([en, zh]) == {(en,), (zh,)}


def test_a_revision_is_linked_anew(shelf: Shelf) -> None:
    """A record that tells something else now leaves its story, and enters another."""
    en, zh, other = shelf.tell("en", 1), shelf.tell("zh", 1), shelf.tell("ru", 2)
    shelf.likeness.known[zh] = ("zh", 2)
    shelf.link(zh)
    assert shelf.stories([en, zh, other]) == {(en,), _together(zh, other)}


def test_who_is_withdrawn_takes_nobody_along(shelf: Shelf) -> None:
    """The others stay together as far as they belong together by themselves."""
    en, zh, ru = (shelf.tell(language, 1) for language in ("en", "zh", "ru"))
    shelf.remove(zh)
    shelf.link(en, ru)
    assert shelf.stories([en, ru]) == {_together(en, ru)}


def test_decisions_survive_every_look(shelf: Shelf) -> None:
    """Parted though alike, joined though not; also with nobody to tell likeness."""
    en = shelf.tell("en", 1)
    zh = shelf.put("zh", 1, parted=[en])
    ru = shelf.put("ru", 2, joined=[en])
    shelf.likeness.known |= {zh: ("zh", 1), ru: ("ru", 2)}
    for linker in (shelf.linker, Linker(shelf.engine, None)):
        linker.relink([en, zh, ru])
        assert shelf.stories([en, zh, ru]) == {_together(en, ru), (zh,)}


def test_the_order_of_arrival_does_not_matter() -> None:
    """Once all are looked at again, the same records make the same stories."""
    facts = [(language, fact) for language in CENTRES for fact in range(1, 6) if fact % 4]
    results = []
    for seed in range(4):
        random.Random(seed).shuffle(facts)
        shelf = Shelf()
        names = [shelf.tell(*each) for each in facts]
        shelf.link(*names)
        results.append(shelf.stories(names))
    assert all(result == results[0] for result in results)
    assert sorted(map(len, results[0])) == [3, 3, 3, 3]
