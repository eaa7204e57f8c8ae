"""The schedule of a fault test."""

import random

from tests.chaos.promises import MARK, Allowance, new_mark
from tests.chaos.schedule import Fault, plan
from tests.chaos.texts import LANGUAGES, document


def test_the_same_seed_gives_the_same_schedule() -> None:
    """So a failure can be run again."""
    assert plan(7, 300, 110) == plan(7, 300, 110)
    assert plan(7, 300, 110) != plan(8, 300, 110)


def test_every_kind_of_fault_comes_in_a_run() -> None:
    """However short it is, and in the order of their times."""
    acts = plan(1, 60, 10)
    assert {act.fault for act in acts} == set(Fault)
    assert sum(act.fault is Fault.KILL for act in acts) == 10
    assert acts == sorted(acts, key=lambda act: act.at)
    assert all(0 < act.at < 60 for act in acts)


def test_one_kind_of_fault_can_be_asked_for_alone() -> None:
    """The hub cannot be restored without a copy, so that one brings copies along."""
    assert {act.fault for act in plan(1, 60, 10, [Fault.CUT])} == {Fault.CUT}
    assert {act.fault for act in plan(1, 60, 10, [Fault.RESTORE_HUB])} == {
        Fault.RESTORE_HUB,
        Fault.COPY_HUB,
    }


def test_rewriting_is_rationed() -> None:
    """A centre never rewrites more than a hub takes for ordinary."""
    allowance = Allowance(share=0.1, free=2, records=10)
    assert [allowance.take() for _ in range(4)] == [True, True, True, False]


def test_texts_carry_their_mark_in_every_title() -> None:
    """In the languages of the centre."""
    chance = random.Random(1)
    for centre, languages in LANGUAGES.items():
        for _ in range(20):
            mark = new_mark(chance)
            assert MARK.fullmatch(mark)
            editions = document(chance, mark, centre)["editions"]
            assert set(editions) <= set(languages)
            assert all(mark in edition["title"] for edition in editions.values())
