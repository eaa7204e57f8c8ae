"""What changed from revision to revision."""

from time import process_time
from typing import Any

import pytest

from bri_pages.differences import Budget, Piece, compare, steps
from bri_pages.source import Revision


def document(**titles: str) -> dict[str, Any]:
    return {
        "editions": {
            tongue: {"title": title, "summary": "", "body": "<p>Same.</p>"}
            for tongue, title in titles.items()
        }
    }


def test_texts_are_compared_word_by_word() -> None:
    """A word that changed is told with what stood there before."""
    assert compare("Ten tonnes a day", "Twelve tonnes a day") == [
        Piece("removed", "Ten"),
        Piece("added", "Twelve"),
        Piece("same", " tonnes a day"),
    ]


def test_chinese_is_compared_character_by_character() -> None:
    """Where words are not separated, characters are compared."""
    assert compare("固体废物法", "固体废弃物法") == [
        Piece("same", "固体废"),
        Piece("added", "弃"),
        Piece("same", "物法"),
    ]


def test_the_same_text_has_no_difference() -> None:
    """Nothing is told of what did not change."""
    assert compare("same", "same") == ()


def test_enormous_texts_are_told_as_a_whole() -> None:
    """An edition of two hundred pages does not take minutes to compare."""
    pieces = compare("a " * 300_000, "b " * 300_000)
    told = [piece.change for piece in pieces if piece.change != "same"]
    assert told == ["removed", "added", "omitted"]
    assert all(len(piece.text) < 200 for piece in pieces)


def test_steps_are_told_newest_first_with_retractions_between() -> None:
    """What was withdrawn and published again is compared with what stood before the withdrawal."""
    revisions = [
        Revision(1, "2026-01-01T00:00:00Z", document(en="One")),
        Revision(1, "2026-01-02T00:00:00Z", None, "a mistake"),
        Revision(2, "2026-01-03T00:00:00Z", document(en="Two", ru="Два")),
    ]
    newest, withdrawn, first = steps(revisions, "en", lambda text: text)
    assert [each.name for each in newest.differences] == [
        "English · Title", "Russian · Title", "Russian · Text",
    ]  # fmt: skip
    assert withdrawn.is_retraction
    assert withdrawn.reason == "a mistake"
    assert first.is_first
    assert first.differences == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ab " * 3_300, "ba " * 3_300),
        ("固体废物" * 5_000, "固体物废" * 5_000),
        ("a\nb\n" * 200_000, "b\na\n" * 200_001),
        (" ".join(map(str, range(250_000))), " ".join(map(str, range(1, 250_001)))),
    ],
    ids=["few words", "few characters", "few lines", "many words"],
)
def test_no_two_texts_take_long_to_compare(old: str, new: str) -> None:
    """Of texts that repeat themselves difflib compares everything with everything."""
    began = process_time()
    pieces = compare(old, new)
    assert process_time() - began < 10
    assert any(piece.change != "same" for piece in pieces)


def test_a_page_has_one_budget_for_all_its_comparisons() -> None:
    """Fifty revisions in three languages are no more than one; the last are told as a whole."""
    budget = Budget(10_000)
    found = [compare(f"one two {each} three", f"one 2 {each} 3", budget) for each in range(1_000)]
    assert found[0][-1].change != "omitted"
    assert found[-1][-1].change == "omitted"
    assert budget.left >= 0


def test_a_small_change_in_a_long_text_is_shown() -> None:
    """Lines that are the same are not compared word by word, however many they are."""
    lines = [f"Line {each} of a long report" for each in range(40_000)]
    changed = [*lines[:20_000], "Line 20000 of a short report", *lines[20_001:]]
    pieces = compare("\n".join(lines), "\n".join(changed))
    told = [(piece.change, piece.text) for piece in pieces if piece.change != "same"]
    assert told == [("removed", " long"), ("added", " short")]
