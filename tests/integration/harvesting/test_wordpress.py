"""WordPress sites, played with their real shapes."""

from dataclasses import dataclass

import orjson
import pytest

from tests.integration.harvesting.harvesting import EN
from tests.support.publisher import Answer, Asked, Publisher
from tests.support.readings import reading_of


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
