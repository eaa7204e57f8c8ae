"""Lists, filters, facets, order and pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.engines.conftest import Shelf, a_record


@pytest.fixture
def library(stocked: Callable[..., Shelf]) -> Shelf:
    return stocked(
        a_record(1, en="Waste one", countries=("KZ", "CN"), topics=("solid-waste",)),
        a_record(2, en="Waste two", kind="policy", countries=("KZ",), date="2019-05-01"),
        a_record(3, centre="asean", en="Waste three", zh="废物", countries=("VN",)),
        a_record(4, centre="asean", en="Water", kind="case", date="2021-12-31", topics=("water",)),
        a_record(5, ru="Без даты", date=""),
    )


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


def test_a_facet_ignores_its_own_filter(library: Shelf) -> None:
    """A second value can be chosen, and its count is what choosing it adds; the total obeys all."""
    results = library.ask("waste", countries=["VN"], kinds=["news"])
    assert results.total == 1
    assert results.facets["country"] == {"CN": 1, "KZ": 1, "VN": 1}
    assert results.facets["kind"] == {"news": 1}
    assert results.facets["centre"] == {"asean": 1}
    both = library.ask("waste", countries=["VN", "CN"], kinds=["news"])
    assert both.total == 2


def test_years_obey_a_range_of_dates(library: Shelf) -> None:
    """A range is no choice of years: what is outside is not counted."""
    assert library.ask(since="2020-01-01").facets["year"] == {"2020": 2, "2021": 1}


def test_policies_are_narrowed_by_what_only_they_have(shelf: Shelf) -> None:
    """Jurisdiction, instrument and status, as filters and as facets."""
    for number, (country, instrument, status) in enumerate(
        [("CN", "law", "in-force"), ("CN", "standard", "repealed"), ("KZ", "code", "in-force")], 1
    ):
        policy = a_record(number, kind="policy", en=f"{country} {instrument}")
        policy.policy.jurisdiction = country
        policy.policy.instrument = instrument
        policy.policy.status = status
        shelf.put(policy)
    shelf.put(a_record(4, en="News"))
    assert set(shelf.titles(jurisdictions=["CN"])) == {"CN law", "CN standard"}
    assert set(shelf.titles(instruments=["law", "code"])) == {"CN law", "KZ code"}
    assert shelf.titles(statuses=["repealed"]) == ["CN standard"]
    assert shelf.titles(statuses=["in-force"], jurisdictions=["CN"]) == ["CN law"]
    facets = shelf.ask(jurisdictions=["CN"]).facets
    assert facets["jurisdiction"] == {"CN": 2, "KZ": 1}
    assert facets["instrument"] == {"law": 1, "standard": 1}
    assert facets["status"] == {"in-force": 1, "repealed": 1}


@pytest.mark.parametrize(
    "name",
    "centres kinds countries topics editions jurisdictions instruments statuses".split(),
)
def test_unknown_values_match_nothing(library: Shelf, name: str) -> None:
    """Whatever they hold; they are values and no expressions."""
    for value in ("unknown", "sco OR 1=1", '"', "\\", "*", "é\u0301" * 99, "\x00"):
        filters: dict[str, Any] = {name: [value]}
        assert library.ask("waste", **filters).total == 0


def test_past_its_deadline_an_answer_lacks_facets(library: Shelf) -> None:
    """The hits are there, and what is missing is told."""
    results = library.ask("waste", deadline=0.0)
    assert results.partial
    assert len(results.hits) == results.total == 3
    assert not any(results.facets.values())
    assert not library.ask("waste").partial


def test_of_equal_matches_the_newer_comes_first(shelf: Shelf) -> None:
    """And a better match before a newer one."""
    this_year = datetime.now(UTC).year
    shelf.put(a_record(1, en="Glacier", date=f"{this_year - 4}-01-01"))
    shelf.put(a_record(2, en="Glacier", date=f"{this_year}-01-01"))
    shelf.put(
        a_record(3, en=("Meeting", "Glacier, said one who was there."), date=f"{this_year}-01-01")
    )
    assert [hit.id[-1] for hit in shelf.ask("glacier").hits] == ["2", "1", "3"]
