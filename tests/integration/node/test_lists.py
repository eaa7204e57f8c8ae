"""Lists and search over a node's own records."""

import re
from typing import Any

import pytest

from tests.integration.node.running import RunningNode, a_document, read
from tests.support.waiting import eventually


async def titles(node: RunningNode, query: str = "") -> list[str]:
    """The Chinese titles in a list, over all pages."""
    found = []
    url: str | None = f"/api/v1/records?limit=2&{query}"
    while url is not None:
        answer = await node.reader.get(url)
        page = read(answer)
        found += [item["editions"]["zh"]["title"] for item in page["items"]]
        assert (page["cursor"] is None) == ("next" not in answer.links)
        url = answer.links["next"]["url"] if "next" in answer.links else None
    return found


async def a_shelf(node: RunningNode) -> None:
    """Five records, each with its own date, country, topic, kind or languages."""
    for title, changes in (
        ("a", {"dates": {"original": "2015-01-01"}, "countries": ["RU"]}),
        ("b", {"dates": {"original": "2017-01-01"}, "kind": "case"}),
        ("c", {"dates": {"original": "2016-01-01"}, "topics": ["biodiversity"]}),
        ("d", {"dates": {"original": "2019-01-01"}, "countries": ["UZ", "RU"]}),
        ("e", {"dates": {"original": "2018-01-01"}, "ru": True}),
    ):
        editions = {"zh": {"title": title, "body": title}}
        if changes.pop("ru", False):
            editions["ru"] = {"title": title, "body": title}
        await node.publish(editions=editions, **changes)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "debca"),
        ("country=RU", "da"),
        ("country=RU&country=KZ", "debca"),
        ("kind=case", "b"),
        ("topic=biodiversity", "c"),
        ("lang=ru", "e"),
        ("from=2016-01-01&to=2018-01-01", "ebc"),
        ("country=RU&kind=case", ""),
        ("kind=&country=&from=", "debca"),
        ("country=nowhere", ""),
    ],
)
async def test_lists_are_filtered_and_newest_first(
    node: RunningNode, query: str, expected: str
) -> None:
    await a_shelf(node)
    assert "".join(await titles(node, query)) == expected


async def test_a_list_survives_what_comes_in_between(node: RunningNode) -> None:
    await a_shelf(node)
    first = read(await node.reader.get("/api/v1/records?limit=2"))
    await node.publish(dates={"original": "2020-01-01"})
    rest = read(await node.reader.get(f"/api/v1/records?limit=9&cursor={first['cursor']}"))
    shown = [item["editions"]["zh"]["title"] for item in first["items"] + rest["items"]]
    assert "".join(shown) == "debca"
    assert rest["cursor"] is None


async def test_an_edited_record_is_found_by_what_it_is_now(node: RunningNode) -> None:
    record = await node.publish(countries=["UZ"])
    await node.editor.put(
        f"/api/v1/records/{record['id']}",
        json=a_document(countries=["RU"]),
        headers={"If-Match": '"1"'},
    )
    assert await titles(node, "country=UZ") == []
    assert len(await titles(node, "country=RU")) == 1


async def test_a_draft_without_a_date_is_listed_by_its_day(node: RunningNode) -> None:
    await node.create(dates={})
    [draft] = read(await node.editor.get("/api/v1/records?state=draft&from=2020-01-01"))["items"]
    assert draft["dates"] == {}


async def search(node: RunningNode, query: str) -> dict[str, Any]:
    return read(await node.reader.get(f"/api/v1/search?{query}"))


async def test_what_is_published_is_found_and_what_is_retracted_is_not(node: RunningNode) -> None:
    record = await node.publish()
    await node.create(editions={"zh": {"title": "草稿", "body": "草稿"}})
    found = await eventually(lambda: search(node, "q=固体废物&lang=en"), lambda it: it["total"])
    [hit] = found["hits"]
    assert (hit["id"], hit["language"]) == (record["id"], "en")
    assert hit["url"] == f"http://node/api/v1/records/{record['id']}"
    assert found["facets"]["country"] == {"KZ": 1, "CN": 1}
    assert (await node.reader.get(hit["url"])).json() == record

    await node.editor.post(f"/api/v1/records/{record['id']}/retract", json={"reason": "x"})
    await eventually(lambda: search(node, "q=固体废物"), lambda it: it["total"] == 0)
    assert (await search(node, "q=草稿"))["total"] == 0


async def test_an_index_that_is_gone_fills_again_by_itself(node: RunningNode) -> None:
    await a_shelf(node)
    await eventually(lambda: search(node, ""), lambda it: it["total"] == 5)
    await node.stop()
    for file in (node.data / "index").iterdir():
        file.unlink()
    await node.start()
    await eventually(lambda: search(node, ""), lambda it: it["total"] == 5)


async def test_the_root_and_the_centre_say_who_this_is(node: RunningNode) -> None:
    answer = await node.reader.get("/", headers={"Accept-Language": "ru"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/ru/")
    centre = read(await node.reader.get("/api/v1/centre"))
    assert centre["languages"] == ["zh", "en", "ru"]
    assert len(centre["countries"]) == 10
    assert read(await node.reader.get("/readyz")) == {"status": "ready"}


async def test_the_sitemap_has_what_is_published(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what ever was: what is withdrawn leaves a gap, and drafts have no place."""
    monkeypatch.setattr("bri_pages.discovery.MAX_ADDRESSES", 6)  # two records in each language
    first, second, gone, last = [await node.publish() for _ in range(4)]
    await node.create()
    for record in (gone, last):
        url = f"/api/v1/records/{record['id']}/retract"
        await node.editor.post(url, json={"reason": "wrong"})
    index = (await node.reader.get("/sitemap.xml")).text
    files = re.findall(r"<loc>[^<]*/sitemap/([^<]*).xml</loc>(?:<lastmod>([^<]*)<)?", index)
    changed = max(each["dates"]["published"] for each in (first, second))
    assert files == [("pages", ""), ("sco-0", changed)]
    text = (await node.reader.get("/sitemap/sco-0.xml")).text
    assert set(re.findall(r"/records/([^<\"]*)</loc>", text)) == {first["id"], second["id"]}
    for name in ("sco-1", "asean-0"):
        assert (await node.reader.get(f"/sitemap/{name}.xml")).status_code == 404
