"""A search page's address: what is read from it, and the addresses beside it."""

import pytest
from starlette.datastructures import QueryParams

from bri_pages import asking
from bri_retrieval.engine import MAX_OFFSET, MAX_TEXT


def read(text: str) -> asking.Question:
    return asking.read(QueryParams(text))


def test_an_address_says_what_is_asked() -> None:
    """Words, filters, dates, order and page come out of the address as they went in."""
    question = read(
        "q=waste&kind=policy&country=KZ&country=CN&from=2019&to=2020-05&sort=newest&page=3"
    )
    query = question.query("ru")
    assert (query.text, query.language, query.kinds) == ("waste", "ru", ["policy"])
    assert query.countries == ["CN", "KZ"]
    assert (query.since, query.until) == ("2019-01-01", "2020-05-31")
    assert (query.sort, query.offset) == ("newest", 20)
    assert read(question.encoded().removeprefix("?")) == question


@pytest.mark.parametrize(
    "address",
    [
        "kind=nonsense",
        "from=yesterday&to=31-31-2019",
        "page=0&page=-1",
        "page=eleven",
        "page=²",
        "country=",
        "topic=" + "x" * 500,
        "country=%00KZ",
        "sort=sideways",
        "unknown=1",
    ],
)
def test_what_cannot_be_read_is_left_out(address: str) -> None:
    """An address that was cut, mistyped or made up asks what is left of it; none is refused."""
    assert read(address) == asking.Question()


def test_a_page_beyond_what_search_gives_is_the_last_one() -> None:
    """No address asks for more than search answers."""
    assert read("page=999999999").query("en").offset <= MAX_OFFSET


def test_the_same_question_has_one_address() -> None:
    """Filters stand in one order whatever the order they were chosen in, and none twice."""
    one = read("country=KZ&kind=news&country=CN&kind=news")
    other = read("kind=news&country=CN&country=KZ")
    assert one.encoded() == other.encoded() == "?kind=news&country=CN&country=KZ"


def test_choosing_twice_is_not_choosing() -> None:
    """A filter's address adds it, and takes it away where it is chosen; both lead to page one."""
    question = read("q=a&country=KZ&page=4")
    chosen = question.toggled("country", "CN")
    assert chosen.encoded() == "?q=a&country=CN&country=KZ"
    assert chosen.toggled("country", "CN").encoded() == "?q=a&country=KZ"


def test_a_page_of_its_own_filter_does_not_show_it() -> None:
    """What a page asks by itself is asked, and does not stand in its address."""
    question = asking.read(QueryParams("kind=news&country=KZ"), [("kind", "news")])
    assert question.encoded() == "?country=KZ"
    assert question.query("en").kinds == ["news"]


def test_long_questions_are_cut_where_search_would_refuse_them() -> None:
    """A text longer than search takes is asked as far as it takes it."""
    assert len(read("q=" + "a" * 5_000).query("en").text) == MAX_TEXT


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("2019", "2019-01-01", "2019-12-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2019年1月8日", "2019-01-08", "2019-01-08"),
        ("08.01.2019", "2019-01-08", "2019-01-08"),
        ("2019/1/8", "2019-01-08", "2019-01-08"),
        ("2019-02-30", "", ""),
        ("99999", "", ""),
    ],
)
def test_dates_are_read_as_people_write_them(written: str, since: str, until: str) -> None:
    """The year first or last; a year or a month alone is all of it."""
    question = read(f"from={written}&to={written}")
    assert (question.since, question.until) == (since, until)


def test_a_year_is_chosen_and_left_again() -> None:
    """It is its first and last day, and chosen once more it is nothing."""
    chosen = read("q=waste").in_year("2019")
    assert (chosen.year, chosen.encoded()) == ("2019", "?q=waste&from=2019-01-01&to=2019-12-31")
    assert chosen.in_year("2019") == read("q=waste")
    assert read("from=2019-01-01&to=2020-12-31").year == ""
