"""Feeds of a running hub: what changed last, and what is gone."""

import feedparser
from lxml import etree

from tests.integration.alerts.conftest import Place, revised
from tests.support.centres import a_record
from tests.support.waiting import eventually

GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


async def feed(place: Place, path: str) -> tuple[list[str], list[str]]:
    """The titles of a feed's entries, and what its tombstones refer to."""
    answer = await place.hub.http.get(path)
    assert answer.status_code == 200
    document = etree.fromstring(answer.content)
    titles = [entry.title for entry in feedparser.parse(answer.content).entries]
    return titles, [str(each.get("ref")) for each in document.findall(GONE)]


async def test_a_feed_follows_what_happens(place: Place) -> None:
    """A revision comes to the front, though its event is long ago; what is withdrawn leaves the
    list and, where only filters are asked, a tombstone."""
    one = await place.publish(a_record(place.sco.record_id(), en="Waste one"))
    place.sco.at = "2026-11-22T09:00:00.000Z"
    await place.publish(a_record(place.sco.record_id(), en="Waste two"))
    path = "/en/search.atom?country=KZ"
    expected: list[tuple[list[str], list[str]]] = [
        (["Waste two", "Waste one"], []),
        (["Waste one, revised", "Waste two"], []),
        (["Waste two"], [f"http://hub.test/records/{one.id}"]),
    ]
    await eventually(lambda: feed(place, path), lambda found: found == expected[0])
    place.sco.at = "2026-11-22T10:00:00.000Z"
    newer = await place.publish(revised(one, en="Waste one, revised"))
    await eventually(lambda: feed(place, path), lambda found: found == expected[1])
    await place.retract(newer, "wrong")
    await eventually(lambda: feed(place, path), lambda found: found == expected[2])
    assert await feed(place, "/en/search.atom?country=VN") == ([], [])
    assert await feed(place, "/en/search.atom?q=waste") == (["Waste two"], [])
