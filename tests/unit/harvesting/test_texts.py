"""Dates, languages, encodings and addresses as people write them."""

import pytest

from bri_harvesting import dates
from bri_harvesting.dates import NoDate
from bri_harvesting.encodings import Undecodable, decode
from bri_harvesting.languages import OtherLanguage, language_of
from bri_harvesting.markup import clean, line
from bri_node.harvesting.recognising import url_key

CENTRE = ("zh", "en", "ru")


@pytest.mark.parametrize(
    "text",
    [
        "2019-01-08",
        "2019-01-08T10:00:00Z",
        "20190108",
        "Tue, 08 Jan 2019 10:00:00 GMT",
        "08.01.2019",
        "8/1/2019",
        "2019年1月8日",
        "2019年01月08日 10:00",
        "8 января 2019 г.",
        "8 января 2019 года, 12:00",
        "January 8, 2019",
        "  8   Jan 2019 ",
    ],
)
def test_days_are_known_however_they_are_written(text: str) -> None:
    """By machines, and by people in Chinese, Russian and English."""
    assert dates.to_iso(text) == "2019-01-08"


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2019", "2019年1月", "31 февраля 2019", "01.13.2019x", "?" * 500, "0001-01-01"],
)
def test_what_is_no_day_is_none(text: str) -> None:
    """Relative words, parts of dates, days that there are not."""
    with pytest.raises(NoDate):
        dates.to_iso(text)


def test_nothing_is_published_in_the_future() -> None:
    """A date far ahead is a mistake; no date is none."""
    with pytest.raises(NoDate):
        dates.published("2999-01-01")
    assert dates.published("") == ""


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Министерство экологии утвердило порядок", "", "ru"),
        ("生态环境部发布固体废物管理办法", "", "zh"),
        ("The ministry has adopted rules", "", "en"),
        ("Rules", "ru", "ru"),
        ("Министерство экологии утвердило новый порядок обращения с отходами", "en", "ru"),
        ("生态环境部发布固体废物管理办法，各地将加强监督检查。" * 2, "en-US", "zh"),
        ("Waste", "fr", "en"),
    ],
)  # fmt: skip
def test_the_language_is_what_was_declared_unless_it_clearly_is_not(
    text: str, declared: str, language: str
) -> None:
    """A short title says little; a sentence in another script says everything."""
    assert language_of(text, declared, CENTRE) == language


def test_a_language_of_no_edition_is_refused() -> None:
    """Declared and true."""
    text = "Le ministère a publié de nouvelles règles pour la gestion des déchets ménagers."
    with pytest.raises(OtherLanguage):
        language_of(text, "fr-FR", CENTRE)


def test_a_damaged_character_does_not_cost_the_rest() -> None:
    """A text cut within a character, or with a byte too many, is still that text."""
    text = "Министерство экологии утвердило порядок обращения с отходами. " * 9
    assert decode(text.encode()[:-3] + b"\xd0").text.startswith(text[:50])
    with pytest.raises(Undecodable):
        decode(bytes(range(128, 256)) * 3 + b"\x00\x81\xff" * 40)


def test_titles_are_plain_and_bodies_are_clean() -> None:
    """Whatever is in them."""
    assert line("<b>A</b> &amp; B&nbsp;C\n\u0007D") == "A & B C D"
    assert clean("a < b\n\nc & d", "https://example.org").html == "<p>a &lt; b</p><p>c &amp; d</p>"
    assert clean(
        '<a href="x?y">z</a><iframe src="//evil"></iframe>', "https://example.org/a/b"
    ).html == ('<a href="https://example.org/a/x?y" rel="noopener noreferrer">z</a>')


def test_addresses_are_the_same_where_they_lead_to_the_same() -> None:
    """Without what never leads elsewhere; what may lead elsewhere is kept."""
    same = (
        "https://www.example.org/a/?utm_source=rss&b=1#top",
        "http://example.org:80/a?b=1",
        "https://EXAMPLE.org/a/?b=1&fbclid=x",
    )
    assert len({url_key(each) for each in same}) == 1
    assert url_key("https://example.org/a?b=2") != url_key(same[0])
    assert url_key("") == ""
