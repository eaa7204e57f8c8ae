"""What changed from revision to revision."""

from typing import Any

from bri_pages.differences import Piece, compare, steps
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
    assert [piece.change for piece in pieces] == ["removed", "added"]
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
