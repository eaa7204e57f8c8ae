"""Typos: how many are forgiven, and how they are counted."""

import pytest

from bri_retrieval.typos import allowance, distance


@pytest.mark.parametrize(
    ("word", "allowed"),
    [("cat", 0), ("tree", 1), ("recycle", 1), ("recycled", 2), ("отходы", 1), ("pm25", 0),
     ("废物处理", 0)],
)  # fmt: skip
def test_longer_words_may_have_more(word: str, allowed: int) -> None:
    """None below four letters, with digits or in Chinese; two from eight."""
    assert allowance(word) == allowed


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("waste", "waste", 0), ("waste", "wate", 1), ("waste", "wsate", 1), ("waste", "waster", 1),
     ("waste", "paste", 1), ("recyling", "recicling", 2), ("abc", "", 3)],
)  # fmt: skip
def test_edits_are_counted(one: str, other: str, edits: int) -> None:
    """Missing, added, wrong and swapped letters, in both directions."""
    assert distance(one, other, 3) == distance(other, one, 3) == edits


def test_counting_stops_at_the_limit() -> None:
    """What is further away is only known to be further away."""
    assert distance("glacier", "landfill", 2) > 2
