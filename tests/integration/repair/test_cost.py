"""What comparing may cost, in bytes; it is not timed."""

from tests.bench import comparing


def test_one_difference_among_many_entries_is_found_in_few_bytes() -> None:
    """Two logs of 100 000 entries that differ in one: less than 64 KB are moved to find which."""
    assert comparing.measure(100_000).moved < 64 * 1024
