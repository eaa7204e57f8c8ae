"""Pages that list articles, played as sites have them."""

from tests.support.publisher import Answer, Publisher
from tests.support.readings import QUICK, reading_of

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
