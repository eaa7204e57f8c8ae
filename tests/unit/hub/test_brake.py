"""The brake's rule by itself: what counts, what does not, and where it holds."""

import pytest

from bri_hub.brake import Brake, Clearance, Limits, Ruling, Window


def rule(brake: Brake, record: str, number: int = 1000, **changes: bool) -> Ruling:
    arguments = {"withdraws": False, "is_history": False} | changes
    return brake.judge(number, record, **arguments)


def passed(brake: Brake, count: int, **changes: bool) -> int:
    """How many of `count` distinct records it lets pass before it holds."""
    for index in range(count):
        if rule(brake, f"r{index}", **changes) is Ruling.HOLD:
            return index
    return count


@pytest.mark.parametrize(
    ("records", "expected"), [(0, 50), (100, 50), (500, 50), (501, 50), (510, 51), (2_000, 200)]
)
@pytest.mark.parametrize("withdraws", [True, False])
def test_more_than_both_limits_are_held(records: int, expected: int, withdraws: bool) -> None:
    """More than fifty, and more than a tenth of what there was, whether rewritten or withdrawn."""
    assert passed(Brake(Limits(), records), 300, withdraws=withdraws) == expected


def test_a_record_counts_once() -> None:
    """However often it is rewritten, in this batch or in one before."""
    brake = Brake(Limits(2, 0.0), 100, Window(2, 0, {"a", "b"}))
    assert [rule(brake, each) for each in "abab"] == [Ruling.PASS] * 4
    assert rule(brake, "c") is Ruling.HOLD


def test_the_window_is_what_was_before() -> None:
    """Restarted in between, or not."""
    assert passed(Brake(Limits(50, 0.1), 100, Window(45)), 300) == 5


def test_new_records_only_add_to_what_there_is() -> None:
    """Importing is never braked, and makes room."""
    brake = Brake(Limits(50, 0.1), 0)
    for index in range(1_000):
        brake.show(f"new{index}")
    assert passed(brake, 300) == 100


def test_withdrawing_and_publishing_again_makes_no_room() -> None:
    """A record that comes back is not one more."""
    brake = Brake(Limits(1, 0.1), 20)
    for _ in range(50):
        assert rule(brake, "a", withdraws=True) is Ruling.PASS
        brake.show("a")
    assert brake.records == 20
    again = Brake(Limits(1, 0.1), 20, Window(1, 1, {"b"}))
    again.show("b")
    assert again.records == 21 - 0


def test_history_is_not_counted() -> None:
    """Years that a new hub reads at once are not a burst."""
    assert passed(Brake(Limits(), 100), 300, is_history=True, withdraws=True) == 300


def test_what_was_let_through_passes_and_what_was_refused_does_not() -> None:
    """Up to the number that was decided about; then it counts again."""
    brake = Brake(Limits(0, 0.0), 10, clearance=Clearance(passed_upto=7, refused_upto=5))
    assert rule(brake, "a", 5) is Ruling.REFUSE
    assert rule(brake, "a", 7) is Ruling.PASS
    assert rule(brake, "a", 8) is Ruling.HOLD
