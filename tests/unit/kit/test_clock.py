"""Times that are stored are read without raising, and never guessed."""

from datetime import UTC, datetime, timedelta

import pytest

from bri_kit.clock import read_day, read_time, rfc3339, shifted


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2026-11-30", "2026-11-30T08:00:00", "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-30T08:00:00Z" + " " * 99,
        "9" * 1_000_000, "\x00", "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    """No offset, no such day, no such year in UTC, or no time at all."""
    assert read_time(text) is None


def test_times_are_read_in_utc() -> None:
    """Whatever their offset, to the first and the last that there are."""
    assert read_time("2026-11-30T08:00:00+08:00") == datetime(2026, 11, 30, tzinfo=UTC)
    for edge in ("0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"):
        moment = read_time(edge)
        assert moment is not None
        assert rfc3339(moment) == edge


def test_the_day_of_a_time_is_the_one_that_it_names() -> None:
    """Also where the time itself cannot be told in UTC."""
    day = read_day("0001-01-01T00:00:00+14:00")
    assert day is not None
    assert day.isoformat() == "0001-01-01"
    assert read_day("2026-02-30") is None


def test_times_end_where_years_do() -> None:
    """What a request asks for may be the first day that there is."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert shifted(first, -timedelta(days=1)) == first
    assert shifted(last, timedelta(days=1)) == last
    assert shifted(first, timedelta(days=1)) == datetime(1, 1, 2, tzinfo=UTC)
