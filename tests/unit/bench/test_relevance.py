"""What the measure of relevance reads, and how it counts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.bench.asking import Published
from tests.bench.passages import (
    Passage,
    document,
    figures,
    halved,
    indicators,
    passages,
    prefixes,
    questions,
    separate,
)
from tests.bench.tables import pairs

SOME = [
    Passage("a", {"en": "Air", "zh": "空气", "ru": "Воздух"}),
    Passage("b", {"en": "Water <5 km & more", "ru": "Вода"}),
]


def _write(path: Path, rows: Sequence[Mapping[str, Any]], begin: str = "") -> None:
    path.write_text(begin + "".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of another name than ours, by somebody with another editor."""
    rows = [
        {"id": each.name, "lang": language, "text": text}
        for each in SOME
        for language, text in {**each.texts, "th": "น้ำ"}.items()
    ]
    asked = {"id": "1", "lang": "en", "text": "What\u2028is air?", "passage": "a"}
    _write(tmp_path / "other.passages.jsonl", rows, begin="\ufeff")
    _write(tmp_path / "other.queries.jsonl", [asked, {**asked, "lang": "vi"}], begin="\n")
    _write(tmp_path / "alone.passages.jsonl", rows)
    return tmp_path


def test_a_folder_is_read_whatever_its_halves_are_called(folder: Path) -> None:
    """Passages without questions are no half; other languages are left out."""
    assert prefixes(folder) == ["other"]
    assert passages(folder, "other") == SOME
    assert [(each.text, each.language) for each in questions(folder, "other")] == [
        ("What\u2028is air?", "en")
    ]


def test_indicators_may_be_missing(folder: Path) -> None:
    """Then there is nothing to measure of them."""
    assert indicators(folder) == ([], [])
    rows = [{"id": "1-1-1", "text": {"en": "Poverty", "kk": "Кедейлік"}}, {"id": "2", "text": {}}]
    _write(folder / "sdg-indicators.jsonl", rows)
    some, asked = indicators(folder)
    assert [each.name for each in some] == ["1-1-1"]
    assert [(each.text, each.passage) for each in asked] == [("Кедейлік", "1-1-1")]


def test_half_of_the_translations_go_and_no_passage_does() -> None:
    """What is kept is the same each time, and one language a record."""
    many = [each._replace(name=f"{each.name}{n}") for n in range(50) for each in SOME]
    kept = halved(many)
    assert kept == halved(many)
    assert {each.name for each in kept} == {each.name for each in many}
    assert all(len(each.texts) == 1 for each in kept)
    assert len(many) < len(kept) < len(separate(many, ["en", "zh", "ru"]))


def test_a_posted_passage_gives_no_hint() -> None:
    """No two versions share a title, a version has the same one in every shape, and the text stays
    what it is in HTML."""
    together = document(1, SOME[1])["editions"]
    (alone,) = (document(1, each)["editions"]["ru"] for each in separate(SOME[1:], ["ru"]))
    assert together["ru"] == alone
    assert together["ru"]["title"] != together["en"]["title"]
    assert together["en"]["body"] == "<p>Water &lt;5 km &amp; more</p>"


def test_an_answer_is_found_on_any_card_that_has_it() -> None:
    """All versions are there where the cards together have every one that was published."""
    published = Published(separate(SOME, ["en", "zh", "ru"]), ["1", "2", "3", "4", "5"])
    cards = [{"5"}, {"1", "3"}]
    assert (published.place(cards, "a"), published.place(cards, "?")) == (2, 0)
    assert not published.has_all(cards, "a")
    assert published.has_all([*cards, {"4", "2"}], "a")


def test_links_are_counted_by_pairs() -> None:
    """Linked, right, and all there would be."""
    passage = {"1": "a", "2": "a", "3": "a", "4": "b", "5": "b"}
    assert pairs([{"1", "2", "4"}, {"3"}, {"5"}], passage) == (3, 1, 4)
    assert pairs([{"1"}], passage) == (0, 0, 4)


def test_figures_are_shares_of_all_questions() -> None:
    """A question whose answer is on no first page counts as well."""
    assert figures([1, 2, 0, 0]) == (0.25, 0.5, 0.375)
    assert figures([]) == (0.0, 0.0, 0.0)
