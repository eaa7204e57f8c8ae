"""Digests of ranges: where two sides differ, and what finding it costs."""

from hashlib import sha256

import pytest

from bri_kit import digests
from bri_kit.digests import CHUNK, FANOUT, NOTHING, Side


def a_side(leaves: list[bytes]) -> Side:
    """A side that keeps nothing and reads its leaves each time."""

    def read(first: int, last: int) -> list[bytes]:
        return leaves[first - 1 : last]

    def chunks(first: int, last: int) -> list[bytes]:
        return [
            digests.fold(read(each * CHUNK + 1, (each + 1) * CHUNK))
            for each in range(first, last + 1)
        ]

    return Side(read, chunks)


def some_leaves(count: int) -> list[bytes]:
    return [sha256(str(number).encode()).digest() for number in range(count)]


def compare(ours: Side, theirs: Side, upto: int) -> tuple[list[int], int]:
    """The numbers that differ, and how many digests had to be shown."""
    level, ranges, shown = digests.top_level(upto), [0], 0
    while ranges and level:
        found = []
        for index in ranges:
            mine, other = (digests.within(side, level, index, upto) for side in (ours, theirs))
            shown += len(other)
            assert len(mine) == digests.width(level, index, upto)
            found += digests.differing(level, index, mine, other)
        level, ranges = level - 1, found
    return [number + 1 for number in ranges], shown


@pytest.mark.parametrize("count", [1, 31, 32, 33, 1_023, 1_024, 1_025, 32_768, 40_000])
def test_equal_sides_show_one_level_and_no_difference(count: int) -> None:
    """Whatever the number of leaves, full ranges or not."""
    side = a_side(some_leaves(count))
    found, shown = compare(side, side, count)
    assert found == []
    assert shown <= FANOUT


@pytest.mark.parametrize("number", [1, 32, 33, 1_024, 1_025, 32_768, 32_769, 40_000])
def test_one_difference_is_found_where_it_is(number: int) -> None:
    """At the ends of ranges as in their midst, with a few digests a level."""
    ours = some_leaves(40_000)
    theirs = list(ours)
    theirs[number - 1] = bytes(range(32))
    found, shown = compare(a_side(ours), a_side(theirs), 40_000)
    assert found == [number]
    assert shown <= 4 * FANOUT


def test_what_one_side_lacks_is_a_difference() -> None:
    """A number without a leaf differs from one that has one, and not from another without."""
    ours = some_leaves(3_000)
    theirs = list(ours)
    ours[9] = theirs[9] = NOTHING
    theirs[2_500] = NOTHING
    assert compare(a_side(ours), a_side(theirs), 3_000)[0] == [2_501]


def test_numbers_beyond_the_agreed_one_do_not_exist() -> None:
    """A side that has more by now gives the same digests."""
    ours, theirs = some_leaves(2_000), some_leaves(5_000)
    assert compare(a_side(ours), a_side(theirs), 2_000)[0] == []


def test_an_answer_of_another_length_is_told() -> None:
    """A hostile or older side is no reason to fail without a word."""
    with pytest.raises(ValueError, match="1 digests instead of 2"):
        digests.differing(1, 0, [NOTHING] * 2, [NOTHING])
    with pytest.raises(ValueError, match="not whole digests"):
        digests.split(bytes(33))
    assert digests.split(bytes(64)) == [NOTHING, NOTHING]
