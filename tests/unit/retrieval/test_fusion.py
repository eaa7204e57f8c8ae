"""What counts as found for its meaning, and what has to be found exactly."""

import pytest

from bri_retrieval import question
from bri_retrieval.meaning.fusion import LEAST, is_document_number, is_exact, kin
from bri_retrieval.meaning.vectors import Near


@pytest.mark.parametrize("text", ["18485-2014", "gb18485", "89-фз", "pm2.5", "co2", "iso14001"])
def test_numbers_of_documents_are_exact(text: str) -> None:
    """Numbers with letters, and long ones, name one thing."""
    assert is_document_number(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2014", "1.4", "50", "20th", "1990s", "7-й", "1990-е", "2014-2015", "waste", "1,000"),
        *("10km", "565°c", "24-yard", "кислород-18", "covid-19", "24-ярдовую", "21-го"),
        "3rd-and-9",
    ],
)
def test_quantities_and_dates_are_not(text: str) -> None:
    """Years, amounts and ordinals are words like others: translations write them otherwise."""
    assert not is_document_number(text)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("2018年第31号公告", {"2018年第31号"}),
        ("国发〔2018〕22号", {"〔2018〕22号"}),
        ("закон № 89", {"89"}),
        ("Decree No. 31", {"31"}),
        ('"solid waste" in 2018', {"solid waste"}),
        ("Who won Super Bowl 50 in 2016?", set()),
        ("no 3 reasons", set()),
    ],
)
def test_what_has_to_be_found(text: str, exact: set[str]) -> None:
    """What is quoted, and numbers that are said to be a document's."""
    assert {term.text for term in question.read(text) if is_exact(term, text)} == exact


def test_what_is_far_from_the_best_is_not_found() -> None:
    """A record is found if it is near enough, by itself and beside the best."""
    near = [
        Near("a", "en", 0, 0.9, 0.5),
        Near("a", "zh", 0, 0.9, 0.4),
        Near("b", "zh", 0, 0.9, 0.3),
    ]
    near += [Near("c", "en", 0, 0.8, 0.2)]
    found = kin(near)
    assert (found.affinities, found.names) == ({"a": 0.5, "b": 0.3, "c": 0.2}, [*"abc"])
    assert kin(near, most=1).names == ["a"]
    assert kin([Near("a", "en", 0, 0.7, LEAST - 0.01)]).names == []


def test_the_next_best_follow_where_few_are_near() -> None:
    """A page is filled with what is less near, but never with what is not near at all."""
    near = [Near(f"{n}", "en", 0, 0.8, 0.5 - 0.04 * n) for n in range(13)]
    assert kin(near).found == 10
    assert kin(near[:3] + near[12:]).found == 3
    assert kin([]).names == []
