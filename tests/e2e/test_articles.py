"""The two real articles: published through the API at their platforms, found at the hub.

Site furniture (menus, notices, addresses) is stripped here; title, date, source and paragraphs are
taken as they stand.
"""

import asyncio
import os
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.federation import Federation

SHARED = Path(os.environ.get("BRI_SHARED") or Path(__file__).parents[2].parent / "shared")
FOLDER = SHARED / "samples"
CHINESE = FOLDER / "001_748347de8a2bb2e8.txt"
ENGLISH = FOLDER / "000_fd690a7f4e06719d.txt"

pytestmark = pytest.mark.skipif(
    not (CHINESE.is_file() and ENGLISH.is_file()),
    reason=f"the articles are not in {FOLDER}; set BRI_SHARED to the folder that has samples/",
)


def paragraphs(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def body_of(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def chinese_record() -> dict[str, Any]:
    """Title, then a line with source and date, then the article up to its editor's name."""
    lines = paragraphs(CHINESE)
    about = next(index for index, line in enumerate(lines) if line.startswith("来源:"))
    end = next(index for index, line in enumerate(lines) if line.startswith("(逍遥客)"))
    source = re.search(r"来源:(\S+) .*发布时间:(\d{4}-\d{2}-\d{2})", lines[about])
    assert source is not None
    return {
        "kind": "news",
        "original_language": "zh",
        "countries": ["KZ", "TH", "RU", "CN"],
        "topics": ["solid-waste", "eco-cities"],
        "source": {"name": source[1]},
        "dates": {"original": source[2]},
        "editions": {
            "zh": {
                "title": lines[about - 1],
                "body": body_of(lines[about + 1 : end]),
                "origin": "original",
            }
        },
    }


def english_record() -> dict[str, Any]:
    """A menu's shortened title, the time of the page, the title, the date, and the article."""
    lines = paragraphs(ENGLISH)
    return {
        "kind": "news",
        "original_language": "en",
        "countries": ["CN", "KH", "BN", "LA", "TH", "SG"],
        "topics": ["recycled-metals", "solid-waste"],
        "dates": {"event": "2019-12-03", "original": "2020-02-21"},
        "editions": {
            "en": {"title": lines[2], "body": body_of(lines[4:]), "origin": "original"},
        },
    }


@pytest.fixture(scope="module")
def articles(federation: Federation) -> dict[str, str]:
    """The identifiers of both, once they are found."""
    return asyncio.run(publish_both(federation))


async def publish_both(federation: Federation) -> dict[str, str]:
    identifiers = {
        "zh": await federation.publish("sco", chinese_record()),
        "en": await federation.publish("asean", english_record()),
    }
    await federation.found(identifiers["zh"], q="亚信国家围绕生态环保大数据", limit=20)
    await federation.found(identifiers["en"], q="upsurge of renewable resources", limit=20)
    return identifiers


@pytest.mark.parametrize(
    ("article", "query", "marked"),
    [
        ("zh", "固体废物", ["固体废物"]),
        ("zh", "生态城市", ["生态城市"]),
        ("en", "recycled aluminium Cambodia", ["recycled", "aluminum", "Cambodia"]),
        ("en", "renewable metals", ["renewable", "metal"]),
    ],
)
async def test_an_article_is_found_by_what_it_says(
    federation: Federation, articles: dict[str, str], article: str, query: str, marked: list[str]
) -> None:
    """On the first page, with words of the question marked in a passage of its text."""
    answer = await federation.search(q=query, lang=article)
    [hit] = [each for each in answer["hits"] if each["id"] == articles[article]]
    record = chinese_record() if article == "zh" else english_record()
    assert hit["title"] == record["editions"][article]["title"]
    marks = [text.lower() for text in re.findall("<mark>(.*?)</mark>", hit["snippet"])]
    assert any(text.startswith(word.lower()) for text in marks for word in marked), hit["snippet"]
    passage = unescape(re.sub("</?mark>", "", hit["snippet"])).strip("… ")
    body = unescape(re.sub("<[^>]*>", " ", record["editions"][article]["body"]))
    assert passage[:20] in body


async def test_facets_count_the_articles(federation: Federation, articles: dict[str, str]) -> None:
    """By centre, country, year and edition, over all that was found."""
    answer = await federation.search(q="亚信国家", lang="zh", limit=100)
    assert articles["zh"] in [hit["id"] for hit in answer["hits"]]
    facets = answer["facets"]
    assert sum(facets["centre"].values()) == answer["total"]
    assert facets["year"]["2019"] >= 1
    assert facets["country"]["KZ"] >= 1
    assert facets["edition"]["zh"] == answer["total"]


async def test_a_filter_narrows_to_an_article(
    federation: Federation, articles: dict[str, str]
) -> None:
    """Its centre, kind, country and date together leave it."""
    filters = {"centre": "asean", "kind": "news", "country": "KH", "from": "2020-02-21"}
    answer = await federation.search(q="renewable metals", to="2020-02-21", **filters)
    assert articles["en"] in [hit["id"] for hit in answer["hits"]]
    other = await federation.search(q="renewable metals", **filters | {"centre": "sco"})
    assert articles["en"] not in [hit["id"] for hit in other["hits"]]
