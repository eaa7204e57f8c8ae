"""What readers get: pages from what a source answers."""

import re

import httpx
import pytest

from bri_kit.policy import HEADER
from bri_retrieval.engine import Query, Results, Version
from tests.unit.pages.source import FACETS, HUB, ID, MemorySource, full, hit, visiting

PAGES = (
    "", "search?q=waste", "news", "policies", "cases", "cooperation", "technologies", "countries",
    "countries/KZ", "topics", "topics/solid-waste", "centres", "centres/sco", "federation",
    f"records/{ID}", f"records/{ID}/history",
)  # fmt: skip
DATA = re.compile(
    r"^\[.*\]\W*$|^[\W\d]*$|^(en|zh|ru|EN|RU|sco.*|http.*|about|&amp; more|a2V5)$|UTC|SHA-256"
    r"|Ed25519|JSON|SCO|The hub|Solid|Text|[Ww]aste|English|Chinese|Russian|Kazakhstan|China"
    r"|December|January"
    r"|[\u0400-\u04ff\u4e00-\u9fff]"
)
"""What stands on a page and is not ours to translate: data, and what CLDR writes."""


@pytest.mark.parametrize("language", ["zh", "en", "ru", "qps"])
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_there_in_every_language(path: str, language: str) -> None:
    """A page answers in its language, names its alternates, and asks no other host for anything."""
    async with visiting(full()) as reader:
        answer = await reader.get(f"/{language}/{path}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    bare = path.partition("?")[0]
    for other in HUB.languages:
        assert f'hreflang="{other}" href="http://hub.test/{other}/{bare}' in answer.text
    loaded = re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="([^"]*)"', answer.text)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
    assert " style=" not in answer.text
    assert "script-src 'self'" in answer.headers[HEADER]


@pytest.mark.parametrize("path", [path for path in PAGES if path != "topics"])
async def test_pages_say_nothing_that_cannot_be_translated(path: str) -> None:
    """In the pseudo-language every text of ours between tags is bracketed; what is left is data."""
    async with visiting(full()) as reader:
        text = (await reader.get(f"/qps/{path}")).text
    body = re.sub(r"<script.*?</script>|<svg.*?</svg>|<option.*?</option>", "", text, flags=re.S)
    shown = [piece.strip() for piece in re.findall(r">([^<]+)<", body.partition("<body")[2])]
    assert [piece for piece in shown if not DATA.search(piece)] == []


async def test_titles_and_snippets_are_shown_as_they_are_meant() -> None:
    """A title is text whatever stands in it; of a snippet only the marks are tags."""
    async with visiting(full()) as reader:
        text = (await reader.get("/en/search?q=waste")).text
    assert "Solid &lt;waste&gt;" in text
    assert "about <mark>waste</mark> &amp; more" in text


async def test_a_question_is_shown_as_text() -> None:
    """What a reader typed comes back escaped, in every place where it stands."""
    async with visiting(full()) as reader:
        answer = await reader.get("/en/search", params={"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in answer.text
    assert answer.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


async def test_facets_lead_to_narrower_questions() -> None:
    """Each value has its count and an address that chooses it besides what is chosen."""
    async with visiting(full()) as reader:
        text = (await reader.get("/en/search?q=waste&country=KZ")).text
    assert 'href="/en/search?q=waste&amp;country=CN&amp;country=KZ"' in text
    assert 'href="/en/search?q=waste"' in text


class Narrow(MemorySource):
    """Finds something wherever no country is asked for."""

    async def search(self, query: Query) -> Results:
        found = await MemorySource.search(self, query)
        return found if query.countries else Results(3, [hit()])


async def test_nothing_found_offers_ways_on() -> None:
    """Without results a reader is told what finds something, and how much; what finds nothing
    either is not offered."""
    async with visiting(Narrow()) as reader:
        text = (await reader.get("/en/search?q=xyz&country=KZ&topic=water&from=2019")).text
    assert "Nothing found." in text
    way = re.search(r'href="([^"]*)">Without the filter “Country”</a> <span class="count">3<', text)
    assert way is not None
    assert way[1] == "/en/search?q=xyz&amp;topic=water&amp;from=2019-01-01"
    assert 'href="/en/search?q=xyz">Search without filters' in text
    assert "Without the filter “Topic”" not in text
    assert "At any time" not in text


@pytest.mark.parametrize("path", ["", "search?q=waste", "news", "countries", "countries/KZ"])
async def test_without_search_pages_say_so(path: str) -> None:
    """Where search is away, pages that need it are shown with a word about it, not an error."""
    async with visiting(MemorySource(is_search_away=True)) as reader:
        answer = await reader.get(f"/en/{path}")
    assert answer.status_code == 200
    assert "Search does not answer at the moment" in answer.text


@pytest.mark.parametrize(
    ("address", "accepts", "leads_to"),
    [
        ("/", "ru", "/ru/"),
        ("/search?q=a&page=2", "en", "/en/search?q=a&page=2"),
        ("/fr/news", "ru;q=0.5", "/ru/news"),
        (f"/de/records/{ID}", "", f"/zh/records/{ID}"),
        ("/countries/KZ", "zh", "/zh/countries/KZ"),
    ],
)
async def test_addresses_without_a_language_lead_on(
    address: str, accepts: str, leads_to: str
) -> None:
    """An address without a language, or with one that the site lacks, leads to the reader's."""
    async with visiting(full()) as reader:
        answer = await reader.get(address, headers={"Accept-Language": accepts})
    assert (answer.status_code, answer.headers["location"]) == (302, leads_to)


async def test_completions_say_where_they_lead() -> None:
    """What completes a beginning is text with an address, and none where search is away."""
    async with visiting(full()) as reader:
        items = (await reader.get("/en/suggest?q=sol")).json()["items"]
    assert items == [{"text": "Solid waste", "note": "Topic", "href": "/en/topics/solid-waste"}]
    async with visiting(MemorySource(is_search_away=True)) as reader:
        assert (await reader.get("/en/suggest?q=sol")).json() == {"items": []}


async def test_files_may_be_kept_and_others_are_not_there() -> None:
    """Styles and scripts are addressed by their content; nothing outside the folder is served."""
    async with visiting(full()) as reader:
        page = (await reader.get("/en/")).text
        found = re.search(r'href="(/static/style.css\?v=\w+)"', page)
        assert found is not None
        answer = await reader.get(found[1])
        assert "immutable" in answer.headers["cache-control"]
        for name in ("none.css", "..%2fapp.py", "%2e%2e%2fsite.py"):
            assert (await reader.get(f"/static/{name}")).status_code == 404


async def test_a_centres_site_has_no_federation() -> None:
    """A centre's own site shows its own name, colour and languages, and leads to the hub."""
    async with visiting(full(), "sco") as reader:
        home = await reader.get("/en/")
        assert "https://hub.example" in home.text
        assert (await reader.get("/en/federation")).status_code == 404
        assert (await reader.get("/zh/")).headers["location"] == "/en/"
        for name in ("accent.css", "emblem.svg"):
            assert "#123456" in (await reader.get(f"/static/{name}")).text


async def test_a_page_is_small() -> None:
    """A search page of ten cards travels in well under 60 KB with its style and script."""
    source = MemorySource(Results(100, [hit() for _ in range(10)], FACETS))
    async with visiting(source) as reader:
        total = 0
        for path in (
            "/en/search?q=waste",
            "/static/style.css",
            "/static/site.js",
            "/static/emblem.svg",
        ):
            total += await _weight(reader, path)
    assert total < 30_000


async def _weight(reader: httpx.AsyncClient, path: str) -> int:
    async with reader.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        return sum([len(chunk) async for chunk in answer.aiter_raw()])


async def test_a_story_is_one_card_with_its_versions() -> None:
    """Who else tells it, in which languages, with a way there."""
    version = Version("asean:01", "asean", ["en", "zh"], "Another <telling>", "2019-01-08")
    source = MemorySource(Results(1, [hit(versions=[version])], FACETS))
    async with visiting(source) as reader:
        text = (await reader.get("/en/search?q=waste")).text
    assert "1 other version of this story" in text
    assert '<a href="/en/records/asean:01" dir="auto">Another &lt;telling&gt;</a>' in text
    assert "asean · English and Chinese" in text


async def test_years_are_a_timeline() -> None:
    """The newest first, each with its share, and choosing one asks for it."""
    facets = FACETS | {"year": {"2019": 4, "2021": 1, "2020": 2}}
    async with visiting(MemorySource(Results(7, [hit()], facets))) as reader:
        text = (await reader.get("/en/search?q=waste&from=2020&to=2020")).text
    assert re.findall(r'data-key="year:(\d+)"', text) == ["2021", "2020", "2019"]
    assert re.findall(r'<rect width="(\d+)" height="8" rx="1"', text) == ["25", "50", "100"]
    assert 'href="/en/search?q=waste&amp;from=2019-01-01&amp;to=2019-12-31"' in text
    assert 'href="/en/search?q=waste" aria-current="true"><span>2020' in text


async def test_the_federation_tells_what_is_wrong() -> None:
    """Held by the brake, forked, missing and on its way again: each in words, and on the map."""
    trouble = {
        "hold": {"from": 5, "since": "2026-11-22T08:00:00Z", "disturbed": 60, "records": 100},
        "forks": 1, "missing": 4, "waiting": 2, "resending": None, "unstored": 7,
    }  # fmt: skip
    async with visiting(MemorySource(standing=trouble)) as reader:
        text = (await reader.get("/en/federation")).text
        for words in ("Held since", "Two histories", "4 entries are missing", "2 entries wait"):
            assert words in text
        assert "7 entries have arrived and are not stored yet" in text
        assert "served troubled" in text
    healing = {"resending": {"first": 3, "last": 9, "remaining": 5}, "missing": 5}
    async with visiting(MemorySource(standing=healing)) as reader:
        text = (await reader.get("/en/federation")).text
    assert "Being sent again: 5 entries to go" in text
    assert "missing" not in text
