"""Sources at the API: who may do what, and what is refused."""

from typing import Any

import pytest

from bri_harvesting import child
from bri_harvesting.source import Limits
from bri_node.harvesting.running import run_due
from tests.integration.harvesting.harvesting import Harvester, counts, item, publish
from tests.integration.node.running import fields, read
from tests.support.publisher import Answer, Publisher
from tests.support.readings import QUICK

FEED = {"name": "news", "kind": "feed", "url": "https://example.org/rss"}


async def test_only_editors_set_sources_up(node: Harvester) -> None:
    """Who has a token may look; who has none may not."""
    assert (await node.reader.get("/api/v1/sources")).status_code == 401
    assert (await node.contributor.post("/api/v1/sources", json=FEED)).status_code == 403
    assert (await node.editor.post("/api/v1/sources", json=FEED)).status_code == 201
    assert (await node.editor.post("/api/v1/sources", json=FEED)).status_code == 409
    assert read(await node.contributor.get("/api/v1/sources"))["items"][0]["name"] == "news"
    for path in ("/api/v1/sources/news", "/api/v1/proposals"):
        assert (await node.contributor.get(path)).status_code == 200
        assert (await node.reader.get(path)).status_code == 401
    assert (await node.contributor.post("/api/v1/sources/news/run")).status_code == 403
    assert (await node.contributor.delete("/api/v1/sources/news")).status_code == 403
    assert (await node.editor.delete("/api/v1/sources/news")).status_code == 204
    assert (await node.editor.delete("/api/v1/sources/news")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "No Spaces"}, "name"),
        ({"kind": "ftp"}, "kind"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "https://" + "x" * 2_000}, "url"),
        ({"every_minutes": 1}, "every_minutes"),
        ({"countries": ["XX"]}, "countries.0"),
        ({"topics": ["poetry"]}, "topics.0"),
        ({"language": "fr"}, "language"),
        ({"links": "("}, "links"),
        ({"record_kind": "poem"}, "record_kind"),
        ({"colour": "red"}, "colour"),
        ({"kind": "table", "mapping": "[fields"}, "body"),
        ({"mapping": "[fields]"}, "body"),
    ],
)
async def test_what_is_no_source_is_told_by_its_field(
    node: Harvester, change: dict[str, Any], field: str
) -> None:
    """And nothing is kept of it."""
    answer = await node.editor.post("/api/v1/sources", json=FEED | change)
    assert answer.status_code == 422
    assert fields(answer)[0].startswith(field) or field == "body"
    assert read(await node.editor.get("/api/v1/sources"))["items"] == []


async def test_a_change_names_the_revision_that_it_changes(
    publisher: Publisher, node: Harvester
) -> None:
    """What was harvested is recognised after it, whatever is read anew."""
    await node.add(publish(publisher, item(1)))
    await node.harvest()
    changed = {"kind": "feed", "url": publisher.url("/feed"), "countries": ["KZ"]}
    path = "/api/v1/sources/news"
    assert (await node.editor.put(path, json=changed)).status_code == 428
    stale = await node.editor.put(path, json=changed, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    answer = await node.editor.put(path, json=changed, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert counts(await node.harvest()) == {"unchanged": 1}


async def test_private_addresses_are_refused_where_nobody_allowed_them(
    publisher: Publisher, node: Harvester
) -> None:
    """By the node's settings, and not by what an editor says."""
    await node.stop()
    node.settings = node.settings.model_copy(update={"fetch_allowed": ""})
    await node.start()
    await node.add(publish(publisher, item(1)))
    last = await node.harvest()
    assert [each["code"] for each in last["faults"]] == ["address-refused"]
    assert publisher.asked == []


ITEM = {"identity": "1", "language": "en", "title": "One", "body": "<p>Text</p>", "place": "row 2"}


async def test_a_file_is_brought_whole_and_twice_without_effect(node: Harvester) -> None:
    """One item that breaks a rule, and none is kept; the same file again makes nothing new; one
    that holds everything proposes to withdraw what it does not hold."""
    path = "/api/v1/sources/cases/items"
    bad = {"items": [ITEM, ITEM | {"identity": "2", "title": " ", "place": "row 3"}]}
    answer = await node.editor.post(path, json=bad)
    assert answer.status_code == 422
    assert fields(answer) == ["row 3"]
    assert await node.records() == []
    good = {"items": [ITEM, ITEM | {"identity": "2", "body": "<p>Other</p>"}], "publish": True}
    assert (await node.contributor.post(path, json=good)).status_code == 403
    done = read(await node.editor.post(path, json=good))
    assert (done["new"], len(done["ids"])) == (2, 2)
    again = read(await node.editor.post(path, json=good))
    assert (again["new"], again["unchanged"]) == (0, 2)
    part = {"items": [ITEM], "publish": True}
    assert read(await node.editor.post(path, json=part))["proposed"] == 0
    assert read(await node.editor.post(path, json=part | {"whole": True}))["proposed"] == 1
    source = await node.source("cases")
    assert (source["kind"], source["items"], source["next_at"]) == ("file", 2, None)
    assert (await node.editor.post("/api/v1/sources/cases/run")).status_code == 422


async def test_a_file_does_not_take_a_sources_name(publisher: Publisher, node: Harvester) -> None:
    """What is read from an address is not mixed with what somebody brings."""
    await node.add(publish(publisher, item(1)))
    answer = await node.editor.post("/api/v1/sources/news/items", json={"items": [ITEM]})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"items": "x"},
        {"items": [{"identity": "1"}]},
        {"items": [ITEM | {"language": "fr"}]},
        {"items": [ITEM | {"topics": ["poetry"]}]},
        {"items": [ITEM | {"url": "javascript:alert(1)"}]},
        {"items": [ITEM | {"title": "a\u0000b"}]},
        {"items": [ITEM], "extra": 1},
    ],
)
async def test_items_that_break_rules_are_refused(node: Harvester, body: dict[str, Any]) -> None:
    """By the same rules as records."""
    answer = await node.editor.post("/api/v1/sources/cases/items", json=body)
    assert answer.status_code == 422
    assert fields(answer)
    assert read(await node.editor.get("/api/v1/sources"))["items"] == []


async def test_reading_happens_in_a_process_of_its_own(
    publisher: Publisher, node: Harvester
) -> None:
    """What it finds is kept; where it is killed by what it reads, that is told, and the node goes
    on."""
    await node.add(publish(publisher, item(1)))
    assert await run_due(node.app.state.node, child.read, QUICK)
    assert counts((await node.source())["last"]) == {"new": 1}
    publisher.routes["/feed"] = Answer(b"<rss", stalls=True)
    await node.editor.post("/api/v1/sources/news/run")
    limits = Limits(seconds=0.3, all_seconds=5, pause=0)
    assert await run_due(node.app.state.node, child.read, limits)
    assert (await node.source())["last"]["faults"][0]["code"] == "too-slow"


async def test_a_process_that_is_killed_is_told(
    publisher: Publisher, node: Harvester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it needs more memory than it may."""
    await node.add(publish(publisher, item(1)))
    monkeypatch.setattr(child, "MODULE", "bri_harvesting.nothing")
    assert await run_due(node.app.state.node, child.read, QUICK)
    assert (await node.source())["last"]["faults"][0]["code"] == "exhausted"
