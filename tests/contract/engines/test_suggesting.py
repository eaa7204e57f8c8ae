"""Completions of what is being typed."""

from collections.abc import Callable

import pytest

from tests.contract.engines.conftest import Shelf, a_record

RECORDS = (
    a_record(
        1, zh="固体废物管理办法", en="Rules on managing solid waste",
        ru="Правила обращения с твёрдыми отходами", topics=("solid-waste",),
    ),
    a_record(2, en="PM2.5 in Almaty", ru="PM2.5 в Алматы"),
    a_record(3, th="ขยะมูลฝอยชุมชน"),
)  # fmt: skip


@pytest.fixture
def library(stocked: Callable[..., Shelf]) -> Shelf:
    return stocked(*RECORDS)


@pytest.mark.parametrize(
    ("typed", "language", "first"),
    [
        ("sol", "en", "Solid waste"),
        ("Solid wa", "en", "Solid waste"),
        ("固体", "zh", "固体废物"),
        ("固體廢", "zh", "固体废物"),
        ("твер", "ru", "Твёрдые отходы"),
        ("ＳＯＬ", "en", "Solid waste"),
    ],
)
def test_topics_that_occur_come_first(
    library: Shelf, typed: str, language: str, first: str
) -> None:
    """By the beginning of a label, in three scripts and any spelling."""
    suggestion = library.engine.suggest(typed, language, 5)[0]
    assert (suggestion.text, suggestion.source) == (first, "topic")
    assert suggestion.code == "solid-waste"


def test_topics_without_records_are_not_offered(library: Shelf) -> None:
    """A suggestion leads somewhere."""
    assert library.suggested("biodivers") == []


def test_titles_follow(library: Shelf) -> None:
    """By the beginnings of their words; the last word typed may be unfinished."""
    assert library.suggested("managing sol") == ["Rules on managing solid waste"]
    assert library.suggested("alma") == ["PM2.5 in Almaty"]
    assert library.suggested("PM2.5 in A") == ["PM2.5 in Almaty"]
    assert library.suggested("废物管", "zh") == ["固体废物管理办法"]
    assert library.suggested("มูลฝ", "th") == ["ขยะมูลฝอยชุมชน"]


def test_the_readers_language_comes_first(library: Shelf) -> None:
    """A title that continues what was typed in several languages is offered in the reader's."""
    assert library.suggested("PM2", "ru") == ["PM2.5 в Алматы"]
    assert library.suggested("PM2", "en") == ["PM2.5 in Almaty"]


def test_nothing_is_offered_twice(shelf: Shelf) -> None:
    """Titles that are the same, or the same as a topic, are one suggestion."""
    shelf.put(*(a_record(n, en="Solid waste", topics=("solid-waste",)) for n in range(3)))
    assert shelf.suggested("solid").count("Solid waste") == 1


def test_only_so_many_are_offered(shelf: Shelf) -> None:
    """As many as were asked for."""
    shelf.put(*(a_record(n, en=f"Waste report {n}") for n in range(9)))
    assert len(shelf.suggested("waste", limit=4)) == 4
    assert shelf.suggested("waste", limit=0) == []


@pytest.mark.parametrize("typed", ["", "  ", "!!", "\x00", '"', "zzzzz", "х" * 500, "\ud800"])
def test_nothing_to_complete_is_answered_with_nothing(library: Shelf, typed: str) -> None:
    """Never an error."""
    assert library.suggested(typed) == []


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("guti", "固体废物"),
        ("gutif", "固体废物"),
        ("gtf", "固体废物"),
        ("tverd", "Твёрдые отходы"),
        ("tverdye oth", "Твёрдые отходы"),
        ("nd`hl", "Твёрдые отходы"),
        ("soild", "Solid waste"),
    ],
)
def test_completions_in_the_script_that_was_meant(library: Shelf, typed: str, first: str) -> None:
    """Where nothing begins as it was typed: pinyin, initials, romanised, other layout, misspelt."""
    assert library.suggested(typed)[0] == first


def test_titles_are_completed_by_sound(library: Shelf) -> None:
    """Not only the names of topics."""
    assert "固体废物管理办法" in library.suggested("guti feiwu guan")
    assert "Правила обращения с твёрдыми отходами" in library.suggested("pravila obr")


@pytest.mark.parametrize(("typed", "language"), [("kaza", "en"), ("哈萨", "zh"), ("казах", "ru")])
def test_countries_that_occur_are_offered(shelf: Shelf, typed: str, language: str) -> None:
    """By their names in three languages."""
    shelf.put(*RECORDS)
    assert shelf.engine.suggest(typed, language, 5) == []
    shelf.put(a_record(8, en="Glaciers", countries=("KZ",)))
    (offered,) = shelf.engine.suggest(typed, language, 5)
    assert (offered.source, offered.code) == ("country", "KZ")


def test_titles_of_retracted_records_are_not_offered(shelf: Shelf) -> None:
    """Neither by their beginning nor by their sound."""
    gone = a_record(9, zh="冰川监测", en="Glacier watch")
    shelf.put(gone)
    assert shelf.suggested("glac")
    assert shelf.suggested("bingchuan")
    shelf.remove(gone)
    assert shelf.suggested("glac") == shelf.suggested("bingchuan") == []
