"""Lists as feeds, read by other people's reader."""

import feedparser
import pytest
from lxml import etree

from bri_pages.source import Withdrawn
from bri_retrieval.engine import Results
from tests.unit.pages.source import HUB, ID, MemorySource, hit, visiting


def full() -> MemorySource:
    return MemorySource(Results(1, [hit(snippet="about <mark>waste</mark> &amp; «дом»")]))


@pytest.mark.parametrize(
    "path", ["search.atom?q=waste&country=KZ", "news.atom", "topics/solid-waste.atom"]
)
async def test_a_list_is_an_atom_feed(path: str) -> None:
    """A feed reader finds title, text, date and address; text is text, whatever it looks like."""
    async with visiting(full()) as reader:
        answer = await reader.get(f"/ru/{path}")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    (entry,) = feed.entries
    assert feed.feed.language == "ru"
    assert entry.title == "Solid <waste>"
    assert entry.summary == "about waste & «дом»"
    assert entry.link == f"http://hub.test/ru/records/{ID}"
    assert entry.id == f"http://hub.test/records/{ID}"
    assert entry.updated.startswith("2018-12-20")


async def test_a_list_is_a_json_feed() -> None:
    """The same as JSON Feed, under its own type."""
    async with visiting(full()) as reader:
        answer = await reader.get("/en/search.json?q=waste")
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert feed["feed_url"] == "http://hub.test/en/search.json?q=waste"
    assert feed["items"][0]["content_text"] == "about waste & «дом»"


async def test_a_feed_asks_for_what_changed_last() -> None:
    """Whatever the order of the page, what changed last is first, and the filters are kept."""
    source = full()
    async with visiting(source) as reader:
        await reader.get("/en/policies.atom?q=waste&country=KZ&page=7")
    (query,) = source.asked
    assert (query.sort, query.offset, query.kinds) == ("changed", 0, ["policy"])
    assert (query.text, query.countries) == ("waste", ["KZ"])


@pytest.mark.parametrize("path", ["search.xml", "nothing.atom", "topics/none.atom", "home.json"])
async def test_other_feeds_are_not_there(path: str) -> None:
    """What is no list, or no form of one, is not found."""
    async with visiting(full()) as reader:
        assert (await reader.get(f"/en/{path}")).status_code == 404


async def test_a_feed_is_not_empty_because_search_is_away() -> None:
    """Whoever follows is told to come again, not that everything is gone."""
    async with visiting(MemorySource(is_search_away=True)) as reader:
        assert (await reader.get("/en/search.atom")).status_code == 503


async def test_every_list_page_names_its_feeds() -> None:
    """A page that is a list leads to its feeds, with what it asks."""
    async with visiting(full()) as reader:
        for path in ("", "search", "news", "topics/solid-waste", "countries/KZ", "centres/sco"):
            text = (await reader.get(f"/{HUB.languages[1]}/{path}")).text
            assert 'type="application/atom+xml"' in text, path
            assert 'type="application/feed+json"' in text, path


async def test_an_entry_tells_when_it_was_published_and_revised() -> None:
    """Whenever its event was: readers order and show what is new by these."""
    moments = {"published": "2026-11-20T08:00:00.000Z", "changed": "2026-11-22T08:00:00.000Z"}
    async with visiting(MemorySource(Results(1, [hit(**moments)]))) as reader:
        atom = feedparser.parse((await reader.get("/en/news.atom")).content)
        (item,) = (await reader.get("/en/news.json")).json()["items"]
    (entry,) = atom.entries
    assert entry.published.startswith("2026-11-20T08:00")
    assert entry.updated.startswith("2026-11-22T08:00")
    assert atom.feed.updated.startswith("2026-11-22T08:00")
    assert item["date_published"].startswith("2026-11-20T08:00")
    assert item["date_modified"].startswith("2026-11-22T08:00")


async def test_what_was_withdrawn_leaves_a_tombstone_in_atom() -> None:
    """RFC 6721: readers that keep what they saw learn that it is gone, when and why."""
    source = full()
    source.gone = [Withdrawn("sco:gone", "sco", "2026-11-22T09:00:00.000Z", "wrong <figures>")]
    async with visiting(source) as reader:
        answer = await reader.get("/en/news.atom")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert len(feed.entries) == 1
    assert feed.feed.updated.startswith("2026-11-22T09:00")
    document = etree.fromstring(answer.content)
    (gone,) = document.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert gone.get("ref") == "http://hub.test/records/sco:gone"
    assert gone.get("when") == "2026-11-22T09:00:00+00:00"
    assert "wrong <figures>" in "".join(gone.itertext())


@pytest.mark.parametrize("path", ["/en/news.atom", "/en/search.json?q=waste"])
async def test_a_feed_that_has_not_changed_is_not_sent_again(path: str) -> None:
    """Its bytes are the same, so a poller gets 304 and nothing else."""
    async with visiting(full()) as reader:
        first = await reader.get(path)
        again = await reader.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["search?q=waste", "news", "topics/solid-waste"])
async def test_a_list_leads_to_a_page_for_following_it(path: str) -> None:
    """Which names its feeds; a site that sends no alerts offers no form."""
    async with visiting(full()) as reader:
        assert f'href="/en/follow/{path}"' in (await reader.get(f"/en/{path}")).text
        page = await reader.get(f"/en/follow/{path}")
        assert page.status_code == 200
        assert ".atom" in page.text
        assert "<form method" not in page.text
        for language in ("zh", "ru", "qps"):
            assert (await reader.get(f"/{language}/follow/{path}")).status_code == 200
        assert (await reader.get("/en/follow/nothing")).status_code == 404
        assert (await reader.get("/en/follow/solid-waste")).status_code == 404
