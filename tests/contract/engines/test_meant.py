"""What was meant, though it was typed otherwise: corrections, other scripts, other names."""

from collections.abc import Callable

import pytest

from tests.contract.engines.conftest import Shelf, a_record


@pytest.fixture
def library(stocked: Callable[..., Shelf]) -> Shelf:
    return stocked(
        a_record(1, zh="固体废物管理办法", topics=("solid-waste",)),
        a_record(2, en=("Rules on metals", "Environmental recycling of metals in Almaty")),
        a_record(3, ru=("Правила", "Твёрдые отходы и загрязнение"), countries=("KZ",)),
        a_record(4, zh="重庆生态保护"),
    )


@pytest.mark.parametrize(
    ("typed", "meant", "first"),
    [
        ("guti feiwu", "固体废物", "固体废物管理办法"),
        ("gutifeiwu", "固体废物", "固体废物管理办法"),
        ("GuTi FeiWu", "固体废物", "固体废物管理办法"),
        ("gtfw", "固体废物", "固体废物管理办法"),
        ("chongqing", "重庆", "重庆生态保护"),
        ("tverdye othody", "твердые отходы", "Правила"),
        ("tvyordye otkhody", "твердые отходы", "Правила"),
        ("zagryaznenie", "загрязнение", "Правила"),
        ("jn[jls", "отходы", "Правила"),
        ("ьуефды", "metals", "Rules on metals"),
    ],
)
def test_what_was_typed_on_another_keyboard_is_found(
    library: Shelf, typed: str, meant: str, first: str
) -> None:
    """Pinyin, initials, romanised Russian and the other layout; the reader is told."""
    results = library.ask(typed)
    assert (results.did_you_mean, results.hits[0].title) == (meant, first)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("recyling", "recycling"),
        ("recyclinh", "recycling"),
        ("enviromental metals", "environmental metals"),
        ("загрезнение", "загрязнение"),
    ],
)
def test_misspelt_words_are_found_and_told(library: Shelf, typed: str, meant: str) -> None:
    """Also where the typo is in the ending, which no stem has."""
    results = library.ask(typed)
    assert (results.did_you_mean, results.total) == (meant, 1)


@pytest.mark.parametrize(
    "typed",
    ["metals", "固体废物", "отходы", "Almaty metals", "", "!!", '"recyling"', "14001", "zz"],
)
def test_what_needs_no_correction_gets_none(library: Shelf, typed: str) -> None:
    """What is there, what is quoted, numbers and short words are taken at their word."""
    assert library.ask(typed).did_you_mean == ""


def test_what_was_retracted_corrects_nothing(shelf: Shelf) -> None:
    """A word that no record has any more is not what anybody meant."""
    gone = a_record(9, zh="冰川监测", en="Glaciology")
    shelf.put(gone, a_record(4, zh="重庆生态保护"))
    assert shelf.ask("glaciolgy").did_you_mean == "glaciology"
    shelf.remove(gone)
    assert shelf.ask("glaciolgy").did_you_mean == ""
    assert shelf.ask("bingchuan jiance").total == 0


def test_a_thing_is_found_by_its_other_names(shelf: Shelf) -> None:
    """In other languages too, and the name that was found is marked."""
    shelf.put(
        a_record(1, zh=("办法", "固体废物管理")),
        a_record(2, ru=("Правила", "Твёрдых отходов много.")),
        a_record(3, en=("Other", "Nothing of it.")),
    )
    hits = {hit.title: hit.snippet for hit in shelf.ask("solid waste").hits}
    assert hits["办法"] == "<mark>固体废物</mark>管理"
    assert hits["Правила"] == "<mark>Твёрдых отходов</mark> много."
    assert "Other" not in hits


def test_the_words_themselves_come_first(shelf: Shelf) -> None:
    """Another name counts less than the name that was asked for."""
    shelf.put(a_record(1, zh="固体废物"), a_record(2, en="Solid waste"), a_record(3, en="Refuse"))
    assert shelf.titles("solid waste", "en")[0] == "Solid waste"
    assert shelf.titles("固体废物", "zh")[0] == "固体废物"


def test_quoted_names_stand_for_themselves(shelf: Shelf) -> None:
    """Who quotes wants these words."""
    shelf.put(a_record(1, zh="固体废物"), a_record(2, en="Solid waste"))
    assert shelf.titles('"solid waste"') == ["Solid waste"]
