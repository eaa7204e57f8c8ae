"""The schedule of a fault test."""

import random

from tests.chaos.promises import MARK, Allowance, new_mark
from tests.chaos.schedule import (
    FAULTY_SECONDS,
    ROUND_SECONDS,
    Fault,
    faulty_seconds,
    in_rounds,
    plan,
)
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


def test_rounds_leave_calm_between_faults() -> None:
    """As many acts, in the same order, and none in the second part of a round."""
    seconds = 600.0
    acts = plan(5, faulty_seconds(seconds), 40)
    placed = in_rounds(acts)
    assert [act.fault for act in placed] == [act.fault for act in acts]
    assert all(act.at % ROUND_SECONDS <= FAULTY_SECONDS for act in placed)
    assert max(act.at for act in placed) <= seconds
    assert len({act.at // ROUND_SECONDS for act in placed}) == 10


def test_a_short_run_has_faults_too() -> None:
    assert faulty_seconds(10.0) == 10.0
    assert faulty_seconds(90.0) == FAULTY_SECONDS * 2
