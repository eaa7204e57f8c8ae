"""Repositories, WordPress sites and pages that do not keep to the rules: read on, and say so."""

import pytest

from tests.integration.harvesting.harvesting import EN
from tests.integration.harvesting.test_repositories import _oai, record
from tests.support.publisher import Answer, Asked, Publisher
from tests.support.readings import reading_of

HEAD = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-20T08:00:00Z'
HEAD += b"</responseDate><ListRecords>"
TAIL = b"<resumptionToken/></ListRecords></OAI-PMH>"


def three(middle: bytes) -> Answer:
    """Three records, of which the second is this."""
    first, last = record(1).encode(), record(3).encode()
    return Answer(HEAD + first + middle + last + TAIL)


@pytest.mark.parametrize("status", [400, 404, 422, 500])
async def test_errors_of_the_protocol_hold_with_any_status(
    publisher: Publisher, status: int
) -> None:
    """Nothing new is nothing new, and the next harvest goes on from there."""
    answer = _oai('<error code="noRecordsMatch"/>')
    publisher.routes["/oai"] = Answer(answer.body, status)
    reading = await reading_of("oai", publisher.url("/oai"), {"from": "2026-11-01"})
    assert (reading.faults, reading.items) == ([], [])
    assert reading.cursor == {"from": "2026-11-20"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(_oai('<error code="badResumptionToken"/>').body, 422),
        Answer(_oai('<error code="badArgument">token</error>').body, 200),
        Answer(b"<html>gone", 404),
    ],
)
async def test_an_expired_token_does_not_stay(publisher: Publisher, answer: Answer) -> None:
    """However the repository says it, the harvest begins anew and comes to its end."""

    def route(asked: Asked) -> Answer:
        return answer if "resumptionToken" in asked.query else three(record(2).encode())

    publisher.routes["/oai"] = route
    cursor = {"token": "old", "from": "2026-11-01", "began": "2026-11-02"}
    reading = await reading_of("oai", publisher.url("/oai"), cursor)
    assert reading.codes == ["token-expired"]
    assert [each.identity for each in reading.items] == ["oai:x:1", "oai:x:2", "oai:x:3"]
    assert reading.cursor == {"from": "2026-11-20"}


@pytest.mark.parametrize(
    "bad", [b"\x0b", b"\xe9", b"&#x1;", b"&#11;"], ids=["control", "byte", "reference", "decimal"]
)
async def test_a_character_that_xml_has_not_is_left_out(publisher: Publisher, bad: bytes) -> None:
    """From its record, which says so; those around it are as they were."""
    middle = record(2).encode().replace(b"Who", b"Wh" + bad + b"o")
    publisher.routes["/oai"] = three(middle)
    reading = await reading_of("oai", publisher.url("/oai"))
    assert reading.codes == ["malformed"]
    assert [each.identity for each in reading.items] == ["oai:x:1", "oai:x:2", "oai:x:3"]
    assert [bool(each.remarks) for each in reading.items] == [False, True, False]
    assert "Who collects" in reading.items[1].body
    assert reading.cursor == {"from": "2026-11-20"}


@pytest.mark.parametrize(
    ("part", "instead"), [(b"</dc:title>", b"</dc:titel>"), (b"</metadata>", b"")]
)
async def test_a_record_that_is_no_xml_is_skipped(
    publisher: Publisher, part: bytes, instead: bytes
) -> None:
    """And named; those around it are kept, and the list goes on."""
    publisher.routes["/oai"] = three(record(2).encode().replace(part, instead))
    reading = await reading_of("oai", publisher.url("/oai"))
    assert [each.identity for each in reading.items] == ["oai:x:1", "oai:x:3"]
    assert "oai:x:2" in [each.place for each in reading.faults]
    assert not any(each.fatal for each in reading.faults)


async def test_undeclared_entities_are_characters(publisher: Publisher) -> None:
    """`&nbsp;` and a bare `&` lose nothing, so no remark is made."""
    publisher.routes["/oai"] = three(record(2).encode().replace(b"Who", b"A&ouml;B & C Who"))
    reading = await reading_of("oai", publisher.url("/oai"))
    assert "AöB &amp; C Who" in reading.items[1].body
    assert reading.items[1].remarks == ()


async def test_a_less_than_sign_in_a_record_is_text(publisher: Publisher) -> None:
    """Its meaning is not turned round."""
    text = b"Lead was &lt;LOD in 4 wells and &gt;LOQ in 6 wells; p &lt; 0.05."
    publisher.routes["/oai"] = three(record(2).encode().replace(b"Who collects what", text))
    reading = await reading_of("oai", publisher.url("/oai"))
    assert "Lead was &lt;LOD in 4 wells and &gt;LOQ in 6 wells" in reading.items[1].body


POSTS = f'[{{"id": 1, "title": {{"rendered": "{EN}"}}, "content": {{"rendered": "Text"}}}}]'


@pytest.mark.parametrize("path", ["/", "/?rest_route=/wp/v2/posts", "/wp-json/wp/v2/posts"])
async def test_a_site_with_plain_permalinks_is_read(publisher: Publisher, path: str) -> None:
    """It answers 404 below /wp-json."""

    def route(asked: Asked) -> Answer:
        found = asked.query.get("rest_route", "").endswith("/posts")
        return Answer((POSTS if found else "[]").encode())

    publisher.routes["/"] = route
    reading = await reading_of("wordpress", publisher.url(path))
    assert reading.only.title == EN


async def test_what_the_operator_asks_of_a_site_is_kept(publisher: Publisher) -> None:
    """A type of posts, a category, a language."""
    publisher.put("/wp-json/wp/v2/law", POSTS)
    url = publisher.url("/wp-json/wp/v2/law?categories=5&lang=ru&page=3")
    assert (await reading_of("wordpress", url)).only.title == EN
    query = publisher.asked[-1].query
    assert (query["categories"], query["lang"], query["page"]) == ("5", "ru", "1")


async def test_a_lone_surrogate_does_not_end_a_site(publisher: Publisher) -> None:
    """Half a character is replaced, with a remark."""
    publisher.put("/wp-json/wp/v2/posts", POSTS.replace("Text", "Text \\ud83d"))
    reading = await reading_of("wordpress", publisher.url("/"))
    assert reading.codes == ["recovered"]
    assert "\ufffd" in reading.items[0].body
    assert reading.items[0].remarks


PARTS = [
    ("<div>发布时间：2024年6月5日 来源：监测处</div>", "", "2024-06-05"),
    (
        "<span>时间：2024-06-05</span>",
        "<ul><li><a href='/a'>其他</a> 2025-11-02</li></ul>",
        "2024-06-05",
    ),
    ("", "版权所有 © 2015-2024", ""),
    ("", "<p>Updated 2025-11-02</p>", ""),
    ("<p class='date'>5 июня 2024 г.</p>", "", "2024-06-05"),
    ("<p>Published: June 5, 2024 by X</p>", "", "2024-06-05"),
    ("<time datetime='2024-06-05T23:30:00+08:00'>last week</time>", "", "2024-06-05"),
    ("<p>2024-06-05 07:30</p>", "", "2024-06-05"),
]


@pytest.mark.parametrize(("above", "footer", "day"), PARTS)
async def test_a_page_has_the_date_that_it_gives(
    publisher: Publisher, above: str, footer: str, day: str
) -> None:
    """Or none: no year, no copyright, no date of another article. Its pictures stay."""
    text = "".join(f"<p>{EN}. It holds for all cities from part {n} on.</p>" for n in range(9))
    picture = '<p><img data-src="/g.jpg" src="data:image/gif;base64,AA" alt="G"></p>'
    page = (
        f"<html><head><title>{EN}</title></head><body><div><h1>{EN}</h1>{above}{picture}"
        f"<div>{text}</div></div><div class='footer'>{footer}</div></body></html>"
    )
    publisher.put("/a", page, "text/html; charset=utf-8")
    listed = publisher.put("/", f'<a href="/a">{EN}</a>', "text/html")
    reading = await reading_of("page", listed)
    assert [each.date for each in reading.items] == [day]
    assert f'<img src="{publisher.url("/g.jpg")}"' in reading.items[0].body
