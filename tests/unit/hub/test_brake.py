"""The brake's rule by itself: what counts, what does not, and where it holds."""

import pytest

from bri_hub.brake import Brake, Clearance, Excess, Limits, Ruling, Span, Window


def rule(brake: Brake, record: str, number: int = 1000, **changes: bool) -> Ruling:
    return brake.judge(
        number,
        record,
        withdraws=changes.get("withdraws", False),
        is_history=changes.get("is_history", False),
    )


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


def spans(shown: int, disturbed: int = 0, known: frozenset[str] = frozenset()) -> list[Span]:
    return [Span("2026-11-22T08:00:00.000Z", 0.1, shown, disturbed, known)]


OLD, NEW = "2026-11-01T00:00:00.000Z", "2026-11-22T08:30:00.000Z"


def judged(brake: Brake, count: int, shown_since: str) -> int:
    """How many of `count` records shown since a time may be withdrawn before it holds."""
    for index in range(count):
        ruling = brake.judge(
            1000, f"r{index}", withdraws=True, is_history=False, shown_since=shown_since
        )
        if ruling is Ruling.HOLD:
            return index
    return count


@pytest.mark.parametrize(("shown", "expected"), [(0, 50), (140, 50), (1_000, 100)])
def test_what_is_published_within_the_window_makes_no_room(shown: int, expected: int) -> None:
    """The share is of what was shown when the window began, whatever came since."""
    brake = Brake(Limits(), shown + 12_000, spans=spans(shown))
    for index in range(12_000):
        brake.show(f"junk{index}")
    assert judged(brake, 300, OLD) == expected
    assert brake.excess == Excess(expected + 1, shown)


def test_what_is_new_is_held_against_everything() -> None:
    """A record published since the window began was not there before: it is nothing of what is
    protected, and counts by the whole alone."""
    assert judged(Brake(Limits(), 1_000, spans=spans(0)), 300, NEW) == 100


def test_a_protected_record_counts_once() -> None:
    """In this batch or in one before; others go on counting from there."""
    brake = Brake(Limits(2, 0.0), 100, spans=spans(100, 2, frozenset("ab")))
    for record in "abab":
        ruling = brake.judge(1000, record, withdraws=True, is_history=False, shown_since=OLD)
        assert ruling is Ruling.PASS
    assert judged(brake, 10, OLD) == 0


def test_a_refused_centre_is_not_given_more_by_publishing() -> None:
    """Until the window is over the share is of what there was when it was held."""
    brake = Brake(Limits(50, 0.1), 14_000, Window(260, 260, most=2_605))
    assert judged(brake, 10, NEW) == 0
