"""A withdrawal, through every door: node, hub, search, suggestions, lists, caches, replicas; and
the centre has it in writing when each place had it gone."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bri_search import app as search_app
from bri_search.settings import SearchSettings
from tests.integration.hub.running import CHANGES_TOKEN
from tests.integration.node.running import a_document, read
from tests.integration.repair.pair import Pair
from tests.support.waiting import eventually

TITLE = "Tetrachloroethylene at the reservoir"


def the_document(title: str = TITLE) -> dict[str, Any]:
    editions = {"en": {"title": title, "body": f"<p>{title}.</p>"}}
    return a_document(original_language="en", editions=editions)


@pytest.fixture
async def searched(pair: Pair, tmp_path: Path) -> AsyncIterator[Pair]:
    """A pair whose hub has a search replica, called `replica`."""
    port = pair.hub.app.state.parts.changes_port
    settings = SearchSettings(
        data=tmp_path / "search",
        port=0,
        hub_url=f"127.0.0.1:{port}",
        hub_token=SecretStr(CHANGES_TOKEN),
        name="replica",
    )
    async with search_app.replica(settings) as running:
        await pair.search_with(f"127.0.0.1:{running.port}")
        yield pair


async def total(pair: Pair, where: str) -> int:
    http = pair.hub.http if where == "hub" else pair.node.reader
    answer = await http.get("/api/v1/search", params={"q": "tetrachloroethylene"})
    return int(answer.json().get("total", -1))


async def test_what_is_withdrawn_is_gone_through_every_door(searched: Pair) -> None:
    """And comes back through every door when it is published again, as a new revision."""
    node, hub = searched.node, searched.hub
    record = read(await node.editor.post("/api/v1/records?publish=true", json=the_document()))
    path = f"/api/v1/records/{record['id']}"
    for where in ("hub", "node"):
        await eventually(lambda: total(searched, where), lambda found: found == 1)  # noqa: B023
    shown = await hub.http.get(path)
    assert shown.headers["cache-control"] == "no-cache"
    told = await eventually(lambda: delivery(searched, path), is_everywhere)
    assert [each["place"] for each in told["places"]] == ["hub", "replica"]
    assert (told["state"], told["change"]) == ("accepted", "published")

    retraction = await node.editor.post(f"{path}/retract", json={"reason": "A wrong figure."})
    assert retraction.status_code == 200
    for where in ("hub", "node"):
        await eventually(lambda: total(searched, where), lambda found: found == 0)  # noqa: B023
    cached = await hub.http.get(path, headers={"If-None-Match": shown.headers["etag"]})
    for answer in (cached, await hub.http.get(path), await node.reader.get(path)):
        assert answer.status_code == 410
        assert answer.json()["reason"] == "A wrong figure."
        assert "etrachloro" not in answer.text
        assert answer.headers["cache-control"] == "no-cache"
    for door in (
        "/api/v1/records",
        "/api/v1/records?centre=sco&kind=news",
        "/api/v1/search?q=",
        "/api/v1/suggest?q=tetrachl&lang=en",
    ):
        assert "etrachloro" not in (await hub.http.get(door)).text
    for door in ("/api/v1/records", "/api/v1/search?q="):
        assert "etrachloro" not in (await node.reader.get(door)).text
    gone = await eventually(
        lambda: delivery(searched, path),
        lambda it: it["change"] == "retracted" and is_everywhere(it),
    )
    assert gone["entry"] == 2
    assert gone["summary"].startswith("The withdrawal was applied at the hub at 20")
    assert gone["places"][1]["since"] >= told["places"][1]["since"]

    again = read(await node.editor.post(f"{path}/publish"))
    assert (again["state"], again["revision"]) == ("published", 2)
    for where in ("hub", "node"):
        await eventually(lambda: total(searched, where), lambda found: found == 1)  # noqa: B023
    await hub.has(record["id"])
    report = await searched.settled(3)
    assert [each["place"] for each in report["places"]] == ["replica"]


async def delivery(pair: Pair, path: str) -> dict[str, Any]:
    return read(await pair.node.editor.get(f"{path}/delivery"))


def is_everywhere(told: dict[str, Any]) -> bool:
    return len(told.get("places", ())) == 2 and all(each["since"] for each in told["places"])


async def test_delivery_of_a_record_is_for_those_who_write(pair: Pair) -> None:
    """A draft has nothing to deliver; without a token nothing is told."""
    draft = await pair.node.create()
    path = f"/api/v1/records/{draft['id']}/delivery"
    told = read(await pair.node.contributor.get(path))
    assert (told["entry"], told["state"]) == (None, "unpublished")
    assert (await pair.node.reader.get(path)).status_code == 401
    missing = await pair.node.contributor.get("/api/v1/records/sco:none/delivery")
    assert missing.status_code == 404


async def test_what_waits_is_told_so(pair: Pair) -> None:
    """Without a hub an entry is sent, and has no place yet."""
    await pair.node.publish()
    await pair.settled(1)
    await pair.stop_hub()
    record = await pair.node.publish()
    path = f"/api/v1/records/{record['id']}"
    told = await eventually(lambda: delivery(pair, path), lambda it: it["state"] == "sent")
    assert told["places"] == [{"place": "hub", "since": None}]
    assert "not answered" in told["summary"]
