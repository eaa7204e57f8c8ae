"""A centre harvested directly: its own log, by OAI-PMH."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from lxml import etree

from bri_kit import clock
from bri_node.pages import site_of
from bri_node.profile import NodeSettings
from sco_platform.profile import PROFILE
from tests.integration.node.running import RunningNode
from tests.support.schemas import harvests

TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
OAI = "{http://www.openarchives.org/OAI/2.0/}"


async def ask(node: RunningNode, **arguments: str) -> Any:
    params = {name.rstrip("_"): value for name, value in arguments.items()}
    answer = await node.reader.get("/oai", params=params)
    document = etree.fromstring(answer.content)
    harvests().assertValid(document)
    return document


async def listed(node: RunningNode, **arguments: str) -> list[str]:
    """The records of a list, gone ones with a minus."""
    document = await ask(node, verb="ListIdentifiers", metadataPrefix="bri", **arguments)
    return [
        ("-" if each.get("status") else "") + each.findtext(f"{OAI}identifier")
        for each in document.iter(f"{OAI}header")
    ]


async def test_what_the_public_can_read_is_harvested(node: RunningNode) -> None:
    """Drafts are not; what is edited after it was withdrawn is as it was when it was withdrawn."""
    one, two = (await node.publish())["id"], (await node.publish(countries=["CN"]))["id"]
    await node.create()
    assert await listed(node) == [one, two]
    await node.editor.post(f"/api/v1/records/{one}/retract", json={"reason": "wrong"})
    assert await listed(node) == [two, f"-{one}"]
    before = await ask(node, verb="GetRecord", identifier=one, metadataPrefix="bri")
    assert before.find(f".//{OAI}metadata") is None
    assert await listed(node, set="country:CN") == [two, f"-{one}"]
    assert await listed(node, set="country:KZ") == [f"-{one}"]
    assert await listed(node, set="country") == [two, f"-{one}"]
    assert await listed(node, set="kind:policy") == []
    assert await listed(node, set="centre:asean") == []


async def test_a_revision_moves_to_the_end(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A harvest that is under way is given it then; a restart in between changes nothing."""
    monkeypatch.setattr("bri_exchange.oai.answering.PAGE", 2)
    records = [await node.publish() for _ in range(5)]
    document = await ask(node, verb="ListRecords", metadataPrefix="oai_dc")
    token = document.findtext(f".//{OAI}resumptionToken")
    third = records[2]
    third["editions"]["zh"]["title"] = "新的标题"
    sent = {name: third[name] for name in ("kind", "original_language", "editions")}
    for edition in sent["editions"].values():
        edition.pop("stale")
    answer = await node.editor.put(
        f"/api/v1/records/{third['id']}", json=sent, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
    await node.stop()
    await node.start()
    found = []
    while token:
        document = await ask(node, verb="ListRecords", resumptionToken=token)
        found += [each.text for each in document.iter(f"{OAI}identifier")]
        token = document.findtext(f".//{OAI}resumptionToken")
    assert found == [records[3]["id"], records[4]["id"], third["id"]]


async def test_times_select(node: RunningNode) -> None:
    """By the second at which the centre wrote the entry."""
    record_id = (await node.publish())["id"]
    document = await ask(node, verb="GetRecord", identifier=record_id, metadataPrefix="oai_dc")
    at = document.findtext(f".//{OAI}datestamp")
    assert await listed(node, from_=at, until=at) == [record_id]
    assert await listed(node, until="2020-01-01T00:00:00Z") == []
    assert await listed(node, from_="2999-01-01") == []
    earliest = (await ask(node, verb="Identify")).findtext(f".//{OAI}earliestDatestamp")
    assert earliest < at


async def test_a_centre_has_its_own_catalogue(node: RunningNode) -> None:
    """Of what it published itself."""
    await node.publish()
    answer = await node.reader.get("/catalog.ttl")
    assert "urn:bri:dataset:sco:news" in answer.text
    assert "/dumps/" in answer.text


async def test_a_feed_tells_what_was_withdrawn(node: RunningNode) -> None:
    """By a tombstone in the lists that it was in, with the reason, for as long as readers keep what
    they have seen."""
    gone = await node.publish(countries=["KZ"])
    await node.editor.post(f"/api/v1/records/{gone['id']}/retract", json={"reason": "wrong"})

    async def tombstones(path: str) -> list[str]:
        document = etree.fromstring((await node.reader.get(path)).content)
        return [each.get("ref") for each in document.iter(f"{TOMBSTONES}deleted-entry")]

    told = [f"http://node/records/{gone['id']}"]
    assert await tombstones("/en/news.atom?country=KZ") == told
    assert await tombstones("/en/search.atom") == told
    assert await tombstones("/en/policies.atom") == []
    assert await tombstones("/en/news.atom?country=CN") == []
    assert await tombstones("/en/search.atom?q=waste") == []
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert await tombstones("/en/news.atom") == []


@pytest.mark.parametrize(
    ("hub", "own", "follow"),
    [
        ("https://hub.example/", "https://sco.example", "https://hub.example/websub"),
        ("", "https://sco.example", ""),
        ("https://hub.example", "", ""),
    ],
)
def test_feeds_are_followed_at_the_hub(tmp_path: Path, hub: str, own: str, follow: str) -> None:
    """Where there is one, and where it can know them by their address."""
    settings = NodeSettings(data=tmp_path, hub_url=hub, public_url=own)
    assert site_of(PROFILE, settings).feed_hub == follow
