"""Feeds and their servers that are broken, hostile, or simply too large."""

import gzip
import time
from dataclasses import replace

import pytest

from tests.integration.harvesting.feeds import feed_of, item_of
from tests.integration.harvesting.harvesting import EN
from tests.support.publisher import Answer, Publisher
from tests.support.readings import QUICK, reading_of

BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">
<!ENTITY x SYSTEM "file:///etc/passwd">]>"""

HOSTILE = [
    pytest.param(Answer(b"x" * 70_000, endless=True), "too-large", id="endless"),
    pytest.param(Answer(b"<rss><chan", stalls=True), "too-slow", id="stands still"),
    pytest.param(
        Answer(gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"}),
        "too-large",
        id="gzip bomb",
    ),
    pytest.param(
        Answer(b"\x1f\x8b" + b"\0" * 99, headers={"Content-Encoding": "gzip"}),
        "compressed",
        id="no gzip",
    ),
    pytest.param(
        Answer(status=302, headers={"Location": "http://10.0.0.1/"}),
        "address-refused",
        id="redirect to a private address",
    ),
    pytest.param(
        Answer(status=302, headers={"Location": "file:///etc/passwd"}),
        "address-refused",
        id="redirect to a file",
    ),
    pytest.param(Answer(b"<html><body><p>Sorry</p>", 200), "not-a-feed", id="a page with 200"),
    pytest.param(Answer(b"", 200), "not-a-feed", id="nothing"),
    pytest.param(Answer(b"\x00\x01\x02" * 99, 200), "not-a-feed", id="not text"),
    pytest.param(Answer(b'{"version": 3, "items": {}}', 200), "not-a-feed", id="other JSON"),
    pytest.param(Answer(b"gone", 500), "bad-status", id="a server's error"),
    pytest.param(Answer(b"later", 503, {"Retry-After": "120"}), "busy", id="a server that is busy"),
]


@pytest.mark.parametrize(("answer", "code"), HOSTILE)
async def test_hostile_and_broken_servers_are_told(
    publisher: Publisher, answer: Answer, code: str
) -> None:
    """Each with a word of its own, soon, and with nothing taken."""
    publisher.routes["/feed"] = answer
    patience = 0.3 if answer.stalls else 30.0
    limits = replace(QUICK, bytes=200_000, seconds=patience, all_seconds=60, pause=0)
    reading = await reading_of("feed", publisher.url("/feed"), limits=limits)
    assert reading.codes == [code]
    assert (reading.items, reading.marks) == ([], [])
    assert reading.faults[0].fatal
    assert reading.faults[0].retry_after == (120 if code == "busy" else 0)


async def test_a_feed_that_is_compressed_unasked_is_read(publisher: Publisher) -> None:
    """As some servers send everything."""
    text = feed_of(item_of(guid="tag:1", title=EN)).encode()
    publisher.routes["/feed"] = Answer(gzip.compress(text), headers={"Content-Encoding": "gzip"})
    reading = await reading_of("feed", publisher.url("/feed"))
    assert [each.title for each in reading.items] == [EN]


async def test_private_addresses_are_refused(publisher: Publisher) -> None:
    """Also the one of this machine, where the settings do not allow it."""
    url = publisher.put("/feed", feed_of(item_of(guid="tag:1", title=EN)))
    assert (await reading_of("feed", url, allowed="")).codes == ["address-refused"]
    assert publisher.asked == []


async def test_entities_do_not_unfold(publisher: Publisher) -> None:
    """A document type is not looked at: neither a billion laughs nor a file of ours come of it."""
    text = BOMB + feed_of(item_of(guid="tag:1", title=f"{EN} &lol3; &x;"))
    reading = await reading_of("feed", publisher.put("/feed", text))
    told = "".join(each.title + each.body for each in reading.items)
    assert len(told) < 1_000
    assert "lollol" not in told
    assert "root:" not in told


async def test_a_feed_that_breaks_off_is_told_and_read_as_far_as_it_goes(
    publisher: Publisher,
) -> None:
    """What is whole before the break is kept."""
    text = feed_of(item_of(guid="tag:1", title=EN), item_of(guid="tag:2", title=f"{EN} again"))
    reading = await reading_of("feed", publisher.put("/feed", text[: text.rindex("</title>")]))
    assert "malformed" in reading.codes
    assert reading.items[0].identity == "tag:1"


async def test_ten_megabytes_are_read_and_more_items_than_allowed_are_not(
    publisher: Publisher,
) -> None:
    """A large feed takes time and is read; a feed of too many items is told, and not cut."""
    body = f"{EN}. " * 1_600
    items = [item_of(guid=f"tag:{n}", title=f"{EN} {n}", description=body) for n in range(100)]
    url = publisher.put("/feed", feed_of(*items))
    began = time.perf_counter()
    reading = await reading_of("feed", url)
    print(f"10 MB in {time.perf_counter() - began:.1f} s")
    assert len(reading.items) == 100
    limits = QUICK.__class__(items=99, pause=0)
    assert (await reading_of("feed", url, limits=limits)).codes == ["too-many"]
