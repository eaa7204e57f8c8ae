"""How often something may happen, with a clock that the test turns."""

import pytest

from bri_kit.rates import Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_passes_and_then_the_rate(clock: Clock) -> None:
    """Three at once, then one every two seconds; what was refused costs nothing."""
    rate = Rate(per_second=0.5, burst=3, clock=clock)
    assert [rate.take("a") for _ in range(4)] == [0, 0, 0, 2]
    clock.now += 1.5
    assert rate.take("a") == pytest.approx(0.5)
    clock.now += 0.5
    assert rate.take("a") == 0
    assert rate.take("a") == pytest.approx(2)


def test_keys_do_not_know_of_each_other(clock: Clock) -> None:
    """One that is exhausted leaves the others alone."""
    rate = Rate(per_second=1, burst=1, clock=clock)
    assert rate.take("a") == 0
    assert rate.take("a") > 0
    assert rate.take("b") == 0


def test_waiting_long_saves_no_more_than_a_burst(clock: Clock) -> None:
    """A quiet year is not a licence."""
    rate = Rate(per_second=1, burst=2, clock=clock)
    rate.take("a")
    clock.now += 1e7
    assert [rate.take("a") for _ in range(3)] == [0, 0, 1]


def test_what_happened_is_charged_beyond_the_burst(clock: Clock) -> None:
    """An upload is counted when it is there; what it was too much must be waited for."""
    rate = Rate(per_second=10, burst=100, clock=clock)
    rate.charge("a", 150)
    assert rate.wait("a") == pytest.approx(5.1)
    clock.now += 5.1
    assert rate.wait("a") == pytest.approx(0)


def test_memory_is_bounded(clock: Clock) -> None:
    """Of too many keys the one that was used longest ago is forgotten."""
    rate = Rate(per_second=0.01, burst=1, max_keys=3, clock=clock)
    for key in ("a", "b", "c", "d"):
        assert rate.take(key) == 0
    assert len(rate) == 3
    assert rate.take("d") > 0
    assert rate.take("a") == 0
