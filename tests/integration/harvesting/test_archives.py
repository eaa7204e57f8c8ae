"""OAI-PMH repositories and WordPress sites, played with their real shapes."""

from dataclasses import dataclass, field

import orjson
import pytest

from tests.support.publisher import Answer, Asked, Publisher
from tests.support.readings import QUICK, Reading, reading_of

EN = "The ministry has adopted rules for the handling of solid waste"
RU = "Министерство экологии утвердило порядок обращения с отходами"
_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"


@dataclass
class Repository:
    """An OAI-PMH repository with pages of two records; `expired` tokens are forgotten."""

    records: list[str] = field(default_factory=list)
    expired: set[str] = field(default_factory=set)
    loops: bool = False

    def answer(self, asked: Asked) -> Answer:
        query = asked.query
        token = query.get("resumptionToken", "")
        if token in self.expired:
            return _oai('<error code="badResumptionToken">It is too old.</error>')
        start = int(token or 0)
        page = self.records[start : start + 2]
        if not page:
            return _oai('<error code="noRecordsMatch"/>')
        rest = self.loops or start + 2 < len(self.records)
        following = (
            f"<resumptionToken>{start if self.loops and start else start + 2}" if rest else ""
        )
        following += "</resumptionToken>" if following else "<resumptionToken/>"
        return _oai(f"<ListRecords>{''.join(page)}{following}</ListRecords>")


def _oai(inside: str) -> Answer:
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
    <OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
    <responseDate>2026-11-20T08:00:00Z</responseDate><request>x</request>{inside}</OAI-PMH>"""
    return Answer(text.strip().encode(), headers={"Content-Type": "text/xml"})


def record(number: int, title: str = EN, language: str = "eng", *, deleted: bool = False) -> str:
    status = ' status="deleted"' if deleted else ""
    header = f"<header{status}><identifier>oai:x:{number}</identifier></header>"
    if deleted:
        return f"<record>{header}</record>"
    return f"""<record>{header}<metadata><oai_dc:dc xmlns:oai_dc="{_DC}"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title} {number}</dc:title>
    <dc:description>Who collects what, and when.</dc:description><dc:language>{language}
    </dc:language><dc:date>2019-01-08</dc:date><dc:subject>Solid waste</dc:subject>
    <dc:identifier>https://example.org/{number}</dc:identifier></oai_dc:dc></metadata></record>"""


@pytest.fixture
def repository(publisher: Publisher) -> Repository:
    repository = Repository([record(n) for n in range(1, 6)])
    publisher.routes["/oai"] = repository.answer
    return repository


async def harvest(publisher: Publisher, cursor: dict[str, str] | None = None) -> Reading:
    return await reading_of("oai", publisher.url("/oai"), cursor)


async def test_all_pages_of_a_repository_are_read(
    publisher: Publisher, repository: Repository
) -> None:
    """Records with language, date, topic and address; the next harvest begins at the day on which
    this one began, by the repository's clock."""
    repository.records[1] = record(2, RU, "rus")
    reading = await harvest(publisher)
    assert reading.faults == []
    assert [each.identity for each in reading.items] == [f"oai:x:{n}" for n in range(1, 6)]
    assert [each.language for each in reading.items] == ["en", "ru", "en", "en", "en"]
    assert reading.items[0].date == "2019-01-08"
    assert reading.items[0].topics == ("solid-waste",)
    assert reading.items[0].url == "https://example.org/1"
    assert reading.cursor == {"from": "2026-11-20"}
    repository.records = []
    again = await harvest(publisher, reading.cursor)
    assert publisher.asked[-1].query["from"] == "2026-11-20"
    assert (again.faults, again.items) == ([], [])


async def test_deleted_records_are_gone(publisher: Publisher, repository: Repository) -> None:
    """A deletion is told, and nothing else says that something is gone."""
    repository.records = [record(1, deleted=True), record(2)]
    reading = await harvest(publisher)
    assert [each.identity for each in reading.gone] == ["oai:x:1"]
    assert [each.identity for each in reading.items] == ["oai:x:2"]


async def test_an_interrupted_harvest_goes_on_and_an_expired_token_begins_anew(
    publisher: Publisher, repository: Repository
) -> None:
    """The cursor of each page holds the token; where it is too old the harvest begins where the
    last whole one began, and says so."""
    whole = await harvest(publisher)
    halfway = whole.marks[0].cursor
    assert halfway["token"] == "2"
    rest = await harvest(publisher, halfway)
    assert [each.identity for each in rest.items] == ["oai:x:3", "oai:x:4", "oai:x:5"]
    repository.expired = {"2"}
    reading = await harvest(publisher, {**halfway, "from": "2026-11-01"})
    assert reading.codes[0] == "token-expired"
    assert publisher.asked[-2].query.get("from") == "2026-11-01"
    assert [each.identity for each in reading.items] == ["oai:x:1", "oai:x:2"]
    assert reading.codes == ["token-expired", "token-expired"]
    assert reading.faults[-1].fatal


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (_oai('<error code="badArgument">No such set</error>'), "not-oai"),
        (Answer(b"<html>Hello</html>"), "not-oai"),
        (Answer(b"<OAI-PMH"), "malformed"),
        (Answer(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "not-oai"),
        (Answer(b"", 503, {"Retry-After": "60"}), "busy"),
    ],
)
async def test_what_is_no_repository_is_told(
    publisher: Publisher, answer: Answer, code: str
) -> None:
    """Errors of the protocol, pages, half documents, entities and busy servers."""
    publisher.routes["/oai"] = answer
    reading = await harvest(publisher)
    assert reading.codes == [code]
    assert (reading.items, reading.marks) == ([], [])


async def test_a_repository_that_repeats_itself_is_left(
    publisher: Publisher, repository: Repository
) -> None:
    """The same token again would be followed for ever."""
    repository.loops = True
    assert (await harvest(publisher)).codes == ["endless"]


@dataclass
class Site:
    """A WordPress site; with `filters` off it does not know `modified_after`."""

    posts: list[dict[str, object]]
    filters: bool = True

    def answer(self, asked: Asked) -> Answer:
        posts = sorted(self.posts, key=lambda each: str(each["modified"]))
        since = asked.query.get("modified_after")
        if since and self.filters:
            posts = [each for each in posts if str(each["modified"]) >= since]
        size, number = int(asked.query["per_page"]), int(asked.query["page"])
        page = posts[(number - 1) * size : number * size]
        if not page and number > 1:
            return Answer(b'{"code": "rest_post_invalid_page_number"}', 400)
        return Answer(orjson.dumps(page), headers={"Content-Type": "application/json"})


def post(number: int, title: str = EN, modified: str = "", **more: object) -> dict[str, object]:
    return {
        "id": number,
        "date_gmt": "2019-01-08T10:00:00",
        "date": "2019-01-08T16:00:00",
        "modified": modified
        or f"2026-11-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}",
        "link": f"https://example.org/?p={number}",
        "status": "publish",
        "title": {"rendered": f"{title} &#8211; {number}"},
        "content": {"rendered": '<p>Text <a href="/a">a</a></p>\n', "protected": False},
        "excerpt": {"rendered": "<p>In short.</p>\n"},
        "categories": [7],
    } | more


def open_site(publisher: Publisher, site: Site) -> None:
    publisher.routes["/blog/wp-json/wp/v2/posts"] = site.answer
    publisher.put("/blog/wp-json/wp/v2/categories", '[{"id": 7, "name": "Solid waste"}]', "json")


@pytest.mark.parametrize("filters", [True, False])
async def test_all_posts_are_read_and_then_those_that_changed(
    publisher: Publisher, filters: bool
) -> None:
    """Whether or not the site knows how to filter by change."""
    site = Site([post(n) for n in range(1, 121)], filters)
    open_site(publisher, site)
    reading = await reading_of("wordpress", publisher.url("/blog/"))
    assert reading.faults == []
    assert {each.identity for each in reading.items} == {f"post {n}" for n in range(1, 121)}
    first = reading.items[0]
    assert first.title == f"{EN} – 1"
    assert first.summary == "In short."
    assert first.date == "2019-01-08"
    assert first.topics == ("solid-waste",)
    assert 'href="https://example.org/a"' in first.body
    if filters:
        site.posts[4] = post(5, "Changed: " + EN, "2026-11-02T00:00:00")
        again = await reading_of("wordpress", publisher.url("/blog/"), reading.cursor)
        assert {each.identity for each in again.items} == {"post 120", "post 5"}


async def test_posts_of_one_second_are_all_read(publisher: Publisher) -> None:
    """An import gives a whole site the same time of change."""
    open_site(publisher, Site([post(n, modified="2026-11-01T00:00:00") for n in range(1, 121)]))
    reading = await reading_of("wordpress", publisher.url("/blog/wp-json/wp/v2/posts"))
    assert {each.identity for each in reading.items} == {f"post {n}" for n in range(1, 121)}


async def test_what_is_not_public_is_not_read(publisher: Publisher) -> None:
    """Drafts that a plug-in shows, posts with a password, and what is no post."""
    closed = {"rendered": "", "protected": True}
    posts = [post(1), post(2, status="private"), post(3, content=closed)]
    open_site(publisher, Site(posts))
    reading = await reading_of("wordpress", publisher.url("/blog"))
    assert [each.identity for each in reading.items] == ["post 1"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(b"<html>not found</html>"), "not-wordpress"),
        (Answer(b'{"code": "rest_no_route", "message": "No route"}', 404), "bad-status"),
        (Answer(b'{"code": "x"}'), "not-wordpress"),
    ],
)
async def test_what_is_no_wordpress_is_told(
    publisher: Publisher, answer: Answer, code: str
) -> None:
    """Pages, missing routes and other JSON."""
    publisher.routes["/wp-json/wp/v2/posts"] = answer
    assert (await reading_of("wordpress", publisher.url(""))).codes == [code]


LIST = """<html lang="en"><body><nav><a href="/about">About</a></nav><ul>
<li><a href="/news/1">The ministry has adopted rules for solid waste</a></li>
<li><a href="/news/2?x=1#top">Rivers are measured every day from now on</a></li>
<li><a href="/news/2?x=1">Rivers are measured every day from now on</a></li>
<li><a href="/secret/3">What no program is meant to read here</a></li>
<li><a href="https://other.example/4">A title that leads to another site</a></li></ul></body>"""


def article(title: str) -> str:
    text = "".join(
        f"<p>Paragraph {n} tells at some length what the rules are, who they are for, and from when"
        " on they hold for everybody in the country.</p>"
        for n in range(6)
    )
    return f"""<html lang="en"><head><title>{title} | Site</title>
    <meta property="article:published_time" content="2019-01-08T10:00:00Z"></head>
    <body><nav><a href="/">Home</a> <a href="/x">Subscribe to our letter now</a></nav>
    <article><h1>{title}</h1>{text}</article><footer>All rights reserved</footer></body></html>"""


def open_pages(publisher: Publisher, robots: str = "User-agent: *\nDisallow: /secret/\n") -> str:
    publisher.put("/robots.txt", robots, "text/plain")
    for number, title in (("1", "Rules for solid waste"), ("2", "Rivers are measured")):
        publisher.put(f"/news/{number}", article(title), "text/html")
    return publisher.put("/news", LIST, "text/html")


async def test_articles_of_a_list_page_are_read_once(publisher: Publisher) -> None:
    """The text without what surrounds it, its date and title; robots.txt is honoured; what was read
    is not asked for again."""
    url = open_pages(publisher)
    reading = await reading_of("page", url)
    assert reading.codes == ["robots"]
    assert [each.date for each in reading.items] == ["2019-01-08", "2019-01-08"]
    first = reading.items[0]
    assert "Rules for solid waste" in first.title
    assert "Paragraph 5" in first.body
    assert "Subscribe" not in first.body
    assert first.url == publisher.url("/news/1")
    assert not {"/secret/3", "/about"} & set(publisher.paths())
    publisher.asked.clear()
    again = await reading_of("page", url, reading.cursor)
    assert again.items == []
    assert publisher.paths() == ["/robots.txt", "/news"]


async def test_a_pattern_says_which_links_are_articles(publisher: Publisher) -> None:
    """And where it is none, that is told."""
    url = open_pages(publisher)
    reading = await reading_of("page", url, links=r"/news/1$")
    assert [each.url for each in reading.items] == [publisher.url("/news/1")]
    assert (await reading_of("page", url, links="(")).codes == ["mapping"]
    assert (await reading_of("page", url, links="/nowhere/")).codes == ["no-articles"]


async def test_a_site_that_wants_no_programs_is_left_alone(publisher: Publisher) -> None:
    """Where robots.txt forbids the page, or cannot be had for the site's own fault."""
    url = open_pages(publisher, "User-agent: *\nDisallow: /\n")
    assert (await reading_of("page", url)).codes == ["robots"]
    publisher.routes["/robots.txt"] = Answer(b"", 500)
    assert (await reading_of("page", url)).codes == ["robots"]
    assert "/news" not in publisher.paths()


async def test_few_articles_are_read_at_a_time(publisher: Publisher) -> None:
    """The rest comes with the next reading."""
    url = open_pages(publisher)
    limits = QUICK.__class__(pause=0, articles=1)
    first = await reading_of("page", url, limits=limits)
    second = await reading_of("page", url, first.cursor, limits=limits)
    assert [each.url for each in first.items + second.items] == [
        publisher.url("/news/1"),
        publisher.url("/news/2?x=1"),
    ]
