"""Which records a search's filters let through, and what is a list's own form."""

import pytest
from bri.content.v1 import content_pb2
from starlette.datastructures import QueryParams

from bri_pages import asking
from bri_pages.matching import Sieve
from bri_pages.wishes import question_of, standing
from tests.support.centres import a_record

NEWS = a_record("sco:00000000000000000000000001", zh="废物", en="Waste")
LAW = a_record("asean:00000000000000000000000002", ru="Закон")
LAW.kind = content_pb2.KIND_POLICY
LAW.dates.original = "2020-05-01"
LAW.policy.CopyFrom(content_pb2.Policy(jurisdiction="RU", instrument="law", status="in-force"))
BARE = a_record("sco:00000000000000000000000003", en="Bare")
BARE.dates.Clear()
del BARE.countries[:]
SIEVE = Sieve([NEWS, LAW, BARE])


def test_what_a_page_itself_asks_counts_too() -> None:
    """A module's list lets through what is of its kind."""
    question = asking.read(QueryParams("country=KZ"), [("kind", "policy")])
    assert SIEVE.passing(question) == {LAW.id}
    assert SIEVE.passing(asking.read(QueryParams(), [("kind", "news")])) == {NEWS.id, BARE.id}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", "123"),
        ("q=anything", "123"),
        ("kind=news", "13"),
        ("kind=news&kind=policy", "123"),
        ("kind=news&country=KZ", "1"),
        ("country=CN", ""),
        ("centre=asean", "2"),
        ("edition=zh&edition=ru", "12"),
        ("topic=solid-waste", "123"),
        ("jurisdiction=RU&instrument=law&status=in-force", "2"),
        ("status=repealed", ""),
        ("from=2020-01-01", "2"),
        ("to=2019-01-08", "1"),
        ("from=2019-01-08&to=2019-01-08", "1"),
    ],
)
def test_filters_add_up_and_values_are_alternatives(asked: str, names: str) -> None:
    """As in search; a record without a date is in no range of dates."""
    assert {each[-1] for each in SIEVE.passing(question_of(asked))} == set(names)


def test_the_same_question_has_one_form() -> None:
    """Wherever it was asked, in whatever order, on whichever page."""
    one = asking.read(
        question_params("q=waste&country=KZ&sort=newest&page=3"), [("kind", "policy")]
    )
    other = asking.read(question_params("kind=policy&country=KZ&q=waste"))
    assert standing(one) == standing(other) == "q=waste&kind=policy&country=KZ"
    assert question_of(standing(one)) == question_of(standing(other))
    assert standing(asking.read(question_params(""))) == ""


def question_params(text: str) -> QueryParams:
    return QueryParams(text)
