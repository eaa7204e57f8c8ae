"""Typos: how many are forgiven, and how they are counted."""

import pytest

from bri_retrieval.typos import allowance, begins_nearly, distance


@pytest.mark.parametrize(
    ("word", "allowed"),
    [("cat", 0), ("tree", 0), ("waste", 1), ("recycled", 1), ("recycling", 2), ("отходы", 1),
     ("pm25", 0), ("废物处理", 0), ("x" * 25, 0)],
)  # fmt: skip
def test_longer_words_may_have_more(word: str, allowed: int) -> None:
    """None below five letters, with digits or in Chinese; two from nine."""
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


@pytest.mark.parametrize(
    ("word", "beginning", "near"),
    [("solid", "soild", True), ("recycling", "recy", True), ("recycling", "recylc", True),
     ("waste", "pas", False), ("", "soild", False)],
)  # fmt: skip
def test_a_beginning_may_be_misspelt(word: str, beginning: str, near: bool) -> None:
    """By one letter, but for the first."""
    assert begins_nearly(word, beginning, 1) is near
