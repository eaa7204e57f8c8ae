"""Feeds as public bug reports showed them: nothing is made up, nothing is lost without a word."""

import pytest

from tests.integration.harvesting.feeds import feed_of, item_of
from tests.integration.harvesting.harvesting import EN
from tests.support.publisher import Publisher
from tests.support.readings import reading_of


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2016/6/29", "2016-06-29"),
        ("2024年6月5日", "2024-06-05"),
        ("2024 жылғы 5 маусым", "2024-06-05"),
        ("Wed, 05 Jun 2024 07:00:00 +0800", "2024-06-05"),
        ("Wed, 05 Jun 2024 23:30:00 -0700", "2024-06-05"),
        ("2567-06-05", "2024-06-05"),
        ("1717542000", ""),
        ("Wed, 05 Jun 1717542000000 10:00:00 +0800", ""),
    ],
)
async def test_an_item_has_the_day_that_its_publisher_wrote(
    publisher: Publisher, written: str, day: str
) -> None:
    """Or none, with a fault; the items around it are read in any case."""
    items = (item_of(guid="a", title=EN), item_of(guid="b", title=f"{EN} 2", pubDate=written))
    reading = await reading_of("feed", publisher.put("/feed", feed_of(*items)))
    assert [each.date for each in reading.items] == ["", day]
    assert reading.codes == ([] if day else ["date"])


async def test_one_moment_is_the_same_day_in_every_format(publisher: Publisher) -> None:
    """The publisher's, not that of UTC: RSS, Atom, JSON Feed and WordPress."""
    moment = "2024-06-05T07:00:00+08:00"
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>n</title><id>f</id><entry><id>e</id>'
        f"<title>{EN}</title><published>{moment}</published></entry></feed>"
    )
    item = f'{{"id": "1", "title": "{EN}", "date_published": "{moment}"}}'
    feed = f'{{"version": "https://jsonfeed.org/version/1.1", "title": "n", "items": [{item}]}}'
    post = f'{{"id": 1, "title": {{"rendered": "{EN}"}}, "content": {{"rendered": "x"}},'
    post += '"date": "2024-06-05T07:00:00", "date_gmt": "2024-06-04T23:00:00"}'
    publisher.put("/wp-json/wp/v2/posts", f"[{post}]")
    sources = [
        ("feed", publisher.put("/atom", atom)),
        ("feed", publisher.put("/json", feed)),
        ("wordpress", publisher.url("/")),
    ]
    for kind, url in sources:
        assert (await reading_of(kind, url)).only.date == "2024-06-05"  # type: ignore[arg-type]


async def test_an_item_that_is_a_picture_keeps_it(publisher: Publisher) -> None:
    """In the body, or beside it as an enclosure."""
    image = "https://env.example/p.jpg"
    enclosure = f'<item><guid>b</guid><title>{EN} 2</title><enclosure url="{image}" length="1"'
    url = publisher.put(
        "/feed",
        feed_of(
            item_of(guid="a", title=EN, description=f'&lt;img src="{image}"&gt;'),
            f'{enclosure} type="image/jpeg"/></item>',
        ),
    )
    reading = await reading_of("feed", url)
    assert [each.body for each in reading.items] == [
        f'<p>{EN}</p><img src="{image}">',
        f'<p>{EN} 2</p><img src="{image}">',
    ]


async def test_what_texts_say_of_document_types_is_text(publisher: Publisher) -> None:
    """Only what stands before the root element is one; a mention of an entity is not hostile."""
    first = "<![CDATA[<p>&lt;!DOCTYPE html and</p> <!DOCTYPE ]]>"
    second = "&lt;!ENTITY x &gt; is text"
    items = [
        item_of(title=EN, description=first),
        item_of(title=f"{EN} 2", description=second),
    ]
    reading = await reading_of("feed", publisher.put("/feed", feed_of(*items)))
    assert [each.title for each in reading.items] == [EN, f"{EN} 2"]
    assert "!ENTITY x" in reading.items[1].body
    assert "hostile" not in reading.codes


async def test_one_bad_byte_is_replaced_and_said(publisher: Publisher) -> None:
    """The item that has it carries a remark, its neighbour none."""
    text = feed_of(
        item_of(guid="a", title=f"{EN} äöüÄÖÜßäö"), item_of(guid="b", title=f"{EN} caf@")
    )
    body = f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode().replace(b"@", b"\xe9")
    reading = await reading_of("feed", publisher.put("/feed", body))
    assert reading.codes == ["recovered"]
    assert [bool(each.remarks) for each in reading.items] == [False, True]
    assert reading.items[1].title == f"{EN} caf\ufffd"


async def test_a_lone_surrogate_does_not_cost_a_json_feed(publisher: Publisher) -> None:
    """Half a character is replaced; the items are read."""
    items = f'[{{"id": "1", "title": "{EN} \\ud83d"}}, {{"id": "2", "title": "{EN} 2"}}]'
    text = f'{{"version": "https://jsonfeed.org/version/1", "items": {items}}}'
    reading = await reading_of("feed", publisher.put("/feed", text))
    assert reading.codes == ["recovered"]
    assert [each.title for each in reading.items] == [f"{EN} \ufffd", f"{EN} 2"]
