"""Feeds in the formats and encodings in which they occur."""

import re

import pytest

from tests.integration.harvesting.feeds import feed_of, item_of
from tests.integration.harvesting.harvesting import EN
from tests.support.publisher import Answer, Publisher
from tests.support.readings import reading_of

RU = "Министерство экологии утвердило порядок обращения с отходами"
ZH = "生态环境部发布固体废物管理办法，各地将加强监督检查"
TW = "環境部公布廢棄物管理辦法，各地將加強監督與稽查工作"

RSS_091 = """<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
 "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>Waste News</title><link>https://example.org/</link>
<description>News</description><language>en</language>
<item><title>TITLE</title><link>https://example.org/1</link>
<description>The rules say who collects what, and when they do.</description></item>
</channel></rss>"""
RSS_092 = """<rss version="0.92"><channel><title>Waste News</title><language>en</language>
<link>https://example.org/</link><description>News</description><item>
<title>TITLE</title><link>https://example.org/1</link><category>solid waste</category>
<description>&lt;p&gt;The rules say &lt;b&gt;who&lt;/b&gt; collects.&lt;/p&gt;</description></item>
</channel></rss>"""
RDF = """<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://example.org/rss"><title>Waste News</title>
<link>https://example.org/</link><description>News</description></channel>
<item rdf:about="https://example.org/1"><title>TITLE</title><link>https://example.org/1</link>
<description>The rules say who collects.</description><dc:date>2019-01-08T10:00:00+08:00</dc:date>
<dc:language>en</dc:language></item></rdf:RDF>"""
RSS_20 = """<?xml version="1.0" encoding="ENCODING"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Waste News</title><link>https://example.org/</link><description>News</description>
<item><title><![CDATA[TITLE]]></title><link>https://example.org/1?utm_source=rss</link>
<guid isPermaLink="false">tag:1</guid><pubDate>Tue, 08 Jan 2019 10:00:00 +0800</pubDate>
<description>TITLE.</description>
<content:encoded><![CDATA[<p onclick="x()">TITLE <a href="/more">→</a><script>x()</script></p>]]>
</content:encoded></item></channel></rss>"""
ATOM_03 = """<?xml version="1.0" encoding="utf-8"?>
<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en"><title>Waste News</title>
<link rel="alternate" type="text/html" href="https://example.org/"/>
<modified>2019-01-08T10:00:00Z</modified><entry><title>TITLE</title>
<link rel="alternate" type="text/html" href="https://example.org/1"/><id>tag:1</id>
<issued>2019-01-08T10:00:00Z</issued><modified>2019-01-09T10:00:00Z</modified>
<content type="text/html" mode="escaped">&lt;p&gt;The rules say who.&lt;/p&gt;</content>
</entry></feed>"""
ATOM_10 = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://example.org/news/">
<title>Waste News</title><id>tag:feed</id><updated>2019-01-08T10:00:00Z</updated>
<entry><title type="html">TITLE &amp;amp; more</title><id>tag:1</id><link href="1"/>
<published>2019-01-08T10:00:00Z</published><updated>2019-01-09T10:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Who, <img src="a.png"/>.</p>
</div></content></entry></feed>"""
JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "Waste News",
"language": "en", "items": [{"id": "tag:1", "url": "/1", "title": "TITLE",
"content_html": "<p>The rules say who.</p>", "date_published": "2019-01-08T10:00:00Z",
"tags": ["solid waste"]}]}"""


@pytest.mark.parametrize(
    ("text", "dated"),
    [
        pytest.param(RSS_091, False, id="RSS 0.91"),
        pytest.param(RSS_092, False, id="RSS 0.92"),
        pytest.param(RDF, True, id="RSS 1.0"),
        pytest.param(RSS_20, True, id="RSS 2.0"),
        pytest.param(ATOM_03, True, id="Atom 0.3"),
        pytest.param(ATOM_10, True, id="Atom 1.0"),
        pytest.param(JSON_FEED, True, id="JSON Feed"),
    ],
)
async def test_every_format_is_read(publisher: Publisher, text: str, dated: bool) -> None:
    """Title, address, text, language, date and source are the same from all of them."""
    url = publisher.put("/feed", text.replace("TITLE", EN).replace("ENCODING", "utf-8"))
    item = (await reading_of("feed", url)).only
    assert item.title.startswith(EN)
    assert item.language == "en"
    assert item.url.removesuffix("?utm_source=rss").endswith("/1")
    assert item.date == ("2019-01-08" if dated else "")
    assert item.source_name == "Waste News"
    assert item.body.startswith("<")
    assert "script" not in item.body
    assert "onclick" not in item.body


async def test_addresses_in_bodies_are_absolute(publisher: Publisher) -> None:
    """Links and images lead where they led, by `xml:base` and by the item's own address."""
    atom = (await reading_of("feed", publisher.put("/a", ATOM_10.replace("TITLE", EN)))).only
    assert 'src="https://example.org/news/a.png"' in atom.body
    assert atom.url == "https://example.org/news/1"
    assert atom.title == f"{EN} & more"
    rss = RSS_20.replace("TITLE", EN).replace("ENCODING", "utf-8")
    assert (
        'href="https://example.org/more"'
        in (await reading_of("feed", publisher.put("/b", rss))).only.body
    )


ENCODED = [
    pytest.param("gb18030", "gb18030", "text/xml", ZH, "zh", id="GB 18030 as declared"),
    pytest.param("gb18030", "gb2312", "text/xml", ZH, "zh", id="GB 18030 declared as GB 2312"),
    pytest.param("gb18030", "utf-8", "text/xml", ZH, "zh", id="GB 18030 declared as UTF-8"),
    pytest.param("gb18030", "", "text/html", ZH, "zh", id="GB 18030 undeclared"),
    pytest.param("big5", "big5", "text/xml", TW, "zh", id="Big5"),
    pytest.param("big5", "", "text/xml; charset=utf-8", TW, "zh", id="Big5 under a UTF-8 header"),
    pytest.param("cp1251", "windows-1251", "text/xml", RU, "ru", id="Windows-1251"),
    pytest.param("cp1251", "", "text/xml; charset=ISO-8859-1", RU, "ru", id="1251 as Latin-1"),
    pytest.param("koi8-r", "windows-1251", "text/xml", RU, "ru", id="KOI8-R as Windows-1251"),
    pytest.param("koi8-r", "", "text/plain", RU, "ru", id="KOI8-R undeclared"),
    pytest.param("utf-8", "windows-1251", "text/xml; charset=koi8-r", RU, "ru", id="UTF-8 as both"),
    pytest.param("utf-8-sig", "gb2312", "text/xml", ZH, "zh", id="UTF-8 with a BOM as GB 2312"),
    pytest.param("utf-16", "utf-16", "text/xml", RU, "ru", id="UTF-16 with a BOM"),
]


@pytest.mark.parametrize(("encoding", "declared", "header", "title", "language"), ENCODED)
async def test_characters_are_right_whatever_is_declared(
    publisher: Publisher, encoding: str, declared: str, header: str, title: str, language: str
) -> None:
    """Servers and documents lie about their encoding; the text is what was written."""
    text = RSS_20.replace("TITLE", title).replace("ENCODING", declared)
    text = text if declared else re.sub(r' encoding=""', "", text)
    item = (
        await reading_of("feed", publisher.put("/feed", text.encode(encoding, "ignore"), header))
    ).only
    assert item.title == title
    assert item.language == language


async def test_what_is_missing_is_made_up_for(publisher: Publisher) -> None:
    """Without a guid the address is the identity, without both the text; without a title the text
    begins with one; without a text the title is all there is; entities are characters."""
    url = publisher.put(
        "/feed",
        feed_of(
            item_of(title=f"{EN} &amp;mdash; A", link="https://example.org/a"),
            item_of(description=f"{EN}. And more of it, without a title."),
        ),
    )
    first = await reading_of("feed", url)
    assert first.faults == []
    titled, untitled = first.items
    assert titled.identity == "https://example.org/a"
    assert titled.title == f"{EN} — A"
    assert titled.body == f"<p>{EN} — A</p>"
    assert untitled.title == f"{EN}. And more of it, without a title."
    assert [each.identity for each in (await reading_of("feed", url)).items] == [
        titled.identity,
        untitled.identity,
    ]


async def test_faults_of_one_item_leave_the_others(publisher: Publisher) -> None:
    """A date in the future is left out and told; an item without anything to read is told; a text
    in a language that the centre does not publish in is told."""
    french = (
        "Le ministère de la transition écologique a publié de nouvelles règles pour la gestion des"
        " déchets ménagers, qui entreront en vigueur l'année prochaine dans toutes les communes."
    )
    reading = await reading_of(
        "feed",
        publisher.put(
            "/feed",
            feed_of(
                item_of(guid="tag:1", title=EN, pubDate="Tue, 08 Jan 2999 10:00:00 GMT"),
                item_of(guid="tag:2"),
                item_of(guid="tag:3", title=french, description=french),
                item_of(guid="tag:4", title=EN, pubDate="8 января 2019"),
                language="fr",
            ),
        ),
        language="en",
    )
    assert reading.codes == ["date", "empty", "other-language"]
    assert [(each.identity, each.date) for each in reading.items] == [
        ("tag:1", ""),
        ("tag:4", "2019-01-08"),
    ]


async def test_items_that_share_a_guid_are_told_apart_by_their_addresses(
    publisher: Publisher,
) -> None:
    """Some systems give every item the same guid."""
    items = [item_of(guid="tag:0", title=EN, link=f"https://example.org/{n}") for n in range(3)]
    reading = await reading_of("feed", publisher.put("/feed", feed_of(*items)))
    assert len({each.identity for each in reading.items}) == 3


async def test_a_feed_is_asked_for_only_if_it_changed(publisher: Publisher) -> None:
    """By its ETag, and where there is none, by what it holds."""
    url = publisher.put("/feed", feed_of(item_of(guid="tag:1", title=EN)), ETag='"one"')
    first = await reading_of("feed", url)
    again = await reading_of("feed", url, first.cursor)
    assert publisher.asked[-1].headers["if-none-match"] == '"one"'
    assert again.marks[0].unchanged
    assert again.items == []
    publisher.put("/feed", feed_of(item_of(guid="tag:1", title=EN)))
    assert (await reading_of("feed", url, again.cursor)).marks[0].unchanged
    assert publisher.asked[-1].headers["user-agent"].startswith("bri-harvester/")


async def test_what_made_room_and_what_is_gone_are_told_apart(publisher: Publisher) -> None:
    """Of what a feed no longer lists, the addresses are tried: only 404 and 410 say that it is
    gone."""
    url = publisher.put("/feed", feed_of(item_of(guid="tag:1", title=EN)))
    publisher.routes["/there"] = Answer(b"<p>still here")
    publisher.routes["/withdrawn"] = Answer(b"", 410)
    publisher.routes["/broken"] = Answer(b"", 500)
    probes = {name: publisher.url(f"/{name}") for name in ("there", "withdrawn", "broken", "none")}
    reading = await reading_of("feed", url, probes=probes)
    assert [(each.identity, each.reason) for each in reading.gone] == [
        ("withdrawn", "its address answers 410"),
        ("none", "its address answers 404"),
    ]
