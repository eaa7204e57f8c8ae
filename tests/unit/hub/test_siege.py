"""A small run of what `make chaos` does with a hundred thousand hostile entries."""

from tests.chaos.hostile import besiege


def test_no_hostile_entry_is_accepted() -> None:
    """And none keeps an honest one out."""
    figures = besiege(2_000, seed=3)
    assert (figures.hostile, figures.accepted) == (2_000, 0)
    assert {"signature-mismatch", "unknown-key", "retired-key", "foreign-entry"} <= {
        *figures.faults
    }
