"""What machines find: sitemaps, the description of our search, and what they have already."""

import re
from xml.etree import ElementTree

import pytest

from bri_pages import discovery
from bri_pages.site import Site
from tests.unit.pages.source import HUB, MemorySource, visiting

SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


async def test_every_address_is_in_one_sitemap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index names the files; together they have each record once a language, with all its
    alternates, and no file has more addresses than it may."""
    monkeypatch.setattr(discovery, "MAX_ADDRESSES", 1_500)
    async with visiting(MemorySource()) as reader:
        index = ElementTree.fromstring((await reader.get("/sitemap.xml")).text)
        files = [each.text or "" for each in index.findall("s:sitemap/s:loc", SPACE)]
        assert len(files) == 4
        when = [each.findtext("s:lastmod", "", SPACE) for each in index]
        assert when == ["", *(f"2026-11-2{each}T08:00:00.000Z" for each in range(3))]
        assert (await reader.get("/robots.txt")).text.endswith(
            "Sitemap: http://hub.test/sitemap.xml\n"
        )
        found: list[str] = []
        for file in files:
            urls = ElementTree.fromstring((await reader.get(file)).text).findall("s:url", SPACE)
            assert len(urls) <= 1_500
            found += [each.findtext("s:loc", "", SPACE) for each in urls]
            changed = {each.findtext("s:lastmod", "", SPACE) for each in urls}
            assert changed == ({"2026-11-22T08:00:00.000Z"} if file != files[0] else {""})
            assert {len(each.findall("{http://www.w3.org/1999/xhtml}link")) for each in urls} == {3}
    records = [each for each in found if "/records/" in each]
    assert len(found) == len(set(found))
    assert len(records) == 3 * 1_234
    assert "http://hub.test/ru/topics/solid-waste" in found
    assert "http://hub.test/en/" in found


@pytest.mark.parametrize(
    "name", ["sco-9999", "sco--1", "sco", "0", "asean-0", "sco-00", f"sco-{'9' * 50}", "sco-²"]
)
async def test_no_sitemap_beyond_the_last(name: str) -> None:
    """What is no file of the index is not found."""
    async with visiting(MemorySource()) as reader:
        assert (await reader.get(f"/sitemap/{name}.xml")).status_code == 404


async def test_browsers_can_add_our_search() -> None:
    """The description that pages link to leads to the search and to its completions as a list."""
    async with visiting(MemorySource()) as reader:
        text = (await reader.get("/ru/opensearch.xml")).text
        assert 'template="http://hub.test/ru/search?q={searchTerms}"' in text
        ElementTree.fromstring(text)
        answer = await reader.get("/ru/suggest?q=sol&form=list")
    assert answer.json() == ["sol", ["Solid waste"]]


@pytest.mark.parametrize("path", ["/en/", "/en/search?q=waste", "/robots.txt", "/static/site.js"])
async def test_what_a_browser_has_is_not_sent_again(path: str) -> None:
    """Asked with the tag of what it has, it is told that this still holds; by HEAD, it is told the
    same as by GET, without the content."""
    async with visiting(MemorySource()) as reader:
        first = await reader.get(path)
        again = await reader.get(
            path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'}
        )
        assert (again.status_code, again.content) == (304, b"")
        changed = await reader.get(path, headers={"If-None-Match": 'W/"other"'})
        assert (changed.status_code, changed.content) == (200, first.content)
        head = await reader.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == first.headers["etag"]


async def test_what_is_not_there_is_never_confirmed() -> None:
    """An error has no tag: a record that was withdrawn is not confirmed from a cache."""
    async with visiting(MemorySource()) as reader:
        answer = await reader.get("/en/records/none", headers={"If-None-Match": "*"})
        assert answer.status_code == 404
        assert "etag" not in answer.headers
        assert (await reader.head("/en/records/none")).status_code == 404


async def test_a_language_without_a_catalogue_is_told_as_it_is() -> None:
    """A centre's Kazakh pages speak English and say so, and bear the centre's Kazakh name."""
    async with visiting(MemorySource(), "kz") as reader:
        text = (await reader.get("/kk/search?q=су")).text
    assert '<html lang="en" dir="ltr">' in text
    assert '<span lang="kk">Қазақ орталығы</span>' in text
    assert re.search(
        r'<a href="/kk/[^"]*" lang="kk" hreflang="kk" aria-current="true"><[^>]*>Қазақша',
        text,
    )


def test_addresses_of_a_site_are_its_own() -> None:
    """A site that was told its address gives out that one."""
    site = Site("hub", HUB.names, HUB.languages, address="https://hub.example")
    assert (
        "https://hub.example/sitemap.xml"
        in discovery.Discovery(site, MemorySource(), site.address).robots()
    )
