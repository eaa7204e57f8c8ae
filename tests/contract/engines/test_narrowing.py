"""Lists, filters, facets, order and pages."""

from typing import Any

import pytest

from tests.contract.engines.conftest import Shelf, a_record


@pytest.fixture
def library(shelf: Shelf) -> Shelf:
    shelf.put(
        a_record(1, en="Waste one", countries=("KZ", "CN"), topics=("solid-waste",)),
        a_record(2, en="Waste two", kind="policy", countries=("KZ",), date="2019-05-01"),
        a_record(3, centre="asean", en="Waste three", zh="废物", countries=("VN",)),
        a_record(4, centre="asean", en="Water", kind="case", date="2021-12-31", topics=("water",)),
        a_record(5, ru="Без даты", date=""),
    )
    return shelf


def test_an_empty_question_lists_everything_newest_first(library: Shelf) -> None:
    """By the date that readers know, then the newest change; undated records are last."""
    expected = ["Water", "Waste three", "Waste one", "Waste two", "Без даты"]
    assert library.titles() == library.titles("  \n") == expected
    assert library.ask().total == 5


def test_matches_can_be_listed_newest_first(library: Shelf) -> None:
    """The order changes, what is found does not."""
    assert library.titles("waste", sort="newest") == ["Waste three", "Waste one", "Waste two"]


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"centres": ["asean"]}, {"Waste three", "Water"}),
        ({"kinds": ["policy", "case"]}, {"Waste two", "Water"}),
        ({"countries": ["KZ"]}, {"Waste one", "Waste two"}),
        ({"countries": ["VN", "CN"]}, {"Waste one", "Waste three"}),
        ({"topics": ["solid-waste", "unknown"]}, {"Waste one"}),
        ({"editions": ["zh", "ru"]}, {"Waste three", "Без даты"}),
        ({"since": "2020-01-01"}, {"Waste one", "Waste three", "Water"}),
        ({"until": "2020-01-01"}, {"Waste one", "Waste two", "Waste three"}),
        ({"since": "2019-05-01", "until": "2019-05-01"}, {"Waste two"}),
        ({"countries": ["KZ"], "kinds": ["news"]}, {"Waste one"}),
        ({"countries": ["unknown"]}, set()),
        ({"since": "2022-01-01", "until": "2019-01-01"}, set()),
    ],
)
def test_filters_narrow(library: Shelf, filters: dict[str, Any], titles: set[str]) -> None:
    """Values of one filter are alternatives, filters add up, both ends of dates are included."""
    assert set(library.titles(**filters)) == titles


def test_filters_narrow_a_question_and_leave_the_ranking_alone(library: Shelf) -> None:
    """A filter adds nothing to a score."""
    (alone,) = library.ask("two").hits
    (filtered,) = library.ask("two", kinds=["policy"], countries=["KZ"]).hits
    assert filtered.score == pytest.approx(alone.score)


def test_facets_count_the_records_found(library: Shelf) -> None:
    """By each value, in descending order of the counts."""
    facets = library.ask("waste").facets
    assert facets["centre"] == {"sco": 2, "asean": 1}
    assert list(facets["centre"]) == ["sco", "asean"]
    assert facets["kind"] == {"news": 2, "policy": 1}
    assert facets["country"] == {"KZ": 2, "CN": 1, "VN": 1}
    assert facets["topic"] == {"solid-waste": 1}
    assert facets["edition"] == {"en": 3, "zh": 1}
    assert facets["year"] == {"2020": 2, "2019": 1}


def test_facets_count_everything_in_a_list(library: Shelf) -> None:
    """And nothing but records."""
    facets = library.ask().facets
    assert sum(facets["centre"].values()) == sum(facets["kind"].values()) == 5
    assert facets["year"] == {"2020": 2, "2019": 1, "2021": 1}


def test_facets_count_all_values(shelf: Shelf) -> None:
    """However many there are, exactly."""
    shelf.put(
        *(
            a_record(n, en="X", date=f"{1800 + n % 150}-01-01", topics=(f"t{n}",))
            for n in range(300)
        )
    )
    facets = shelf.ask().facets
    assert len(facets["topic"]) == 300
    assert set(facets["year"].values()) == {2}
    assert len(facets["year"]) == 150


def test_pages_fit_together(shelf: Shelf) -> None:
    """All pages together are the whole result, each record once; past the end is nothing."""
    shelf.put(*(a_record(n, en=f"Waste report {n}") for n in range(25)))
    for asked in ("", "waste report"):
        pages = [shelf.ask(asked, limit=10, offset=offset) for offset in (0, 10, 20, 30)]
        assert [len(page.hits) for page in pages] == [10, 10, 5, 0]
        assert {page.total for page in pages} == {25}
        assert len({hit.id for page in pages for hit in page.hits}) == 25


def test_a_page_of_none_still_counts(library: Shelf) -> None:
    """Who wants only numbers gets them."""
    results = library.ask("waste", limit=0)
    assert (results.total, list(results.hits)) == (3, [])
    assert results.facets["kind"]
