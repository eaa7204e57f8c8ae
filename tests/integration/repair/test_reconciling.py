"""Comparing what node and hub hold, and what is done about differences."""

import asyncio
import os
from typing import Any

import pytest

from bri_node import reconciling
from tests.integration.node.running import a_document, fields, read
from tests.integration.repair.pair import Pair, ask
from tests.support.waiting import eventually


async def test_two_equal_logs_say_so_in_few_bytes(pair: Pair) -> None:
    """Nothing differs, nothing is sent, and the sentence says what both hold."""
    for _ in range(3):
        await pair.node.publish()
    await pair.settled(3)
    report = await pair.resync()
    assert (report["written"], report["held"]) == (3, 3)
    assert (report["differed"], report["resent"], report["rejected"]) == ([], [], [])
    assert report["complete"]
    assert report["bytes"] < 2_000
    assert report["summary"] == "You hold 3, the hub holds 3; what both hold is the same."
    assert (await pair.node.delivery())["compared"]["written"] == 3
    metrics = (await pair.node.reader.get("/metrics")).text
    assert 'node_comparisons_total{centre="sco",outcome="same"}' in metrics
    assert 'node_hub_head{centre="sco"} 3.0' in metrics


async def test_rejected_entries_are_named_with_their_reasons(pair: Pair) -> None:
    """'You hold 2, the hub holds 1', and which one was rejected, and why; its record, which the hub
    shows as it was before, is no difference."""
    ask(pair.hub_file, 'UPDATE centre SET edition_languages = \'["zh", "en"]\'')
    record = await pair.node.publish()
    await pair.settled(1)
    editions = record["editions"] | {"ru": {"title": "Отходы", "body": "т", "origin": "human"}}
    document = a_document(editions=editions)
    path = f"/api/v1/records/{record['id']}"
    changed = await pair.node.editor.put(path, json=document, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    await pair.settled(2)
    report = await pair.resync()
    assert (report["written"], report["held"], report["rejected_count"]) == (2, 1, 1)
    [rejected] = report["rejected"]
    assert (rejected["number"], rejected["record"]) == (2, record["id"])
    assert rejected["reason"] == "invalid-content"
    assert report["differed"] == []
    assert "You hold 2, the hub holds 1; 1 rejected (entry 2: editions.ru" in report["summary"]
    told = read(await pair.node.editor.get(f"{path}/delivery"))
    assert (told["state"], told["places"]) == ("rejected", [])
    assert "editions.ru" in told["summary"]


DAMAGE = {
    "its bytes": "UPDATE entry SET envelope = X'0A03414243' WHERE number = 2",
    "its signature": "UPDATE entry SET envelope = CAST(substr(envelope, 1, length(envelope) - 80)"
    " || zeroblob(20) || substr(envelope, length(envelope) - 59) AS BLOB) WHERE number = 2",
    "its hash": "UPDATE entry SET hash = zeroblob(32) WHERE number = 2",
    "the row": "DELETE FROM entry WHERE number = 2",
    "the last": "UPDATE entry SET envelope = X'00', hash = X'00' WHERE number = 4",
    "several": "UPDATE entry SET envelope = X'00', hash = X'00' WHERE number IN (2, 3, 4)",
}


@pytest.mark.skipif(
    os.environ.get("BRI_TEST_DATABASE") == "postgresql", reason="damages in SQLite's own words"
)
@pytest.mark.parametrize("what", DAMAGE)
async def test_a_damaged_entry_is_found_told_and_mended(pair: Pair, what: str) -> None:
    """The node's signed bytes take the place of what the hub's own chain disproves."""
    records = [await pair.node.publish() for _ in range(4)]
    await pair.settled(4)
    ask(pair.hub_file, DAMAGE[what])
    report = await pair.resync()
    assert [each["what"] for each in report["differed"]] == ["entry"] * len(report["differed"])
    assert all(each["repaired"] for each in report["differed"])
    assert report["differed"][0]["record"] in {each["id"] for each in records}
    assert "repaired" in report["summary"]
    await pair.same(4)
    assert (await pair.resync())["differed"] == []
    for record in records:
        assert (await pair.hub.http.get(f"/api/v1/records/{record['id']}")).status_code == 200
    assert (await pair.hub.centre())["state"] == "active"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE record SET state = 'retracted' WHERE id = :id",
        "UPDATE record SET revision = 99 WHERE id = :id",
        "UPDATE record SET entry_number = 1 WHERE id = :id",
        "DELETE FROM record WHERE id = :id",
    ],
)
async def test_a_record_that_is_not_as_its_entry_says_is_made_again(
    pair: Pair, damage: str
) -> None:
    """The hub makes it from its own newest entry; followers hear of it as of any change."""
    await pair.node.publish()
    record = await pair.node.publish()
    await pair.settled(2)
    head = (await pair.hub.json("/api/v1/status"))["head"]
    ask(pair.hub_file, damage, id=record["id"])
    report = await pair.resync()
    [differed] = report["differed"]
    assert (differed["what"], differed["record"]) == ("record", record["id"])
    assert differed["repaired"]
    shown = await pair.hub.json(f"/api/v1/records/{record['id']}")
    assert shown["revision"] == 1
    assert (await pair.hub.json("/api/v1/status"))["head"] >= head
    assert (await pair.resync())["differed"] == []


async def test_a_hub_that_cannot_be_asked_is_told_with_the_reason(pair: Pair) -> None:
    """503, for whoever may ask; and the node goes on."""
    await pair.node.publish()
    await pair.settled(1)
    await pair.stop_hub()
    answer = await pair.node.editor.post("/api/v1/resync")
    assert answer.status_code == 503
    assert "does not answer" in read(answer)["detail"]
    await pair.node.publish()


async def test_a_node_without_a_broker_says_so(pair: Pair) -> None:
    """503, not a wait."""
    await pair.node.stop()
    pair.node.settings = pair.node.settings.model_copy(update={"nats_url": ""})
    await pair.node.start()
    answer = await pair.node.editor.post("/api/v1/resync")
    assert answer.status_code == 503
    assert "no connection" in read(answer)["detail"]


async def test_only_editors_may_ask(pair: Pair) -> None:
    """A comparison costs the hub something."""
    assert (await pair.node.reader.post("/api/v1/resync")).status_code == 401
    refused = await pair.node.contributor.post("/api/v1/resync")
    assert refused.status_code == 403
    assert fields(refused) == []


async def test_calls_at_the_same_time_are_one_run(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many editors press the button."""
    await pair.node.publish()
    await pair.settled(1)
    runs: list[object] = []
    compare = reconciling.Reconciler._compare

    async def counted(self: reconciling.Reconciler, hub: Any) -> Any:
        runs.append(hub)
        return await compare(self, hub)

    monkeypatch.setattr(reconciling.Reconciler, "_compare", counted)
    reports = await asyncio.gather(*(pair.resync() for _ in range(5)))
    assert len(runs) == 1
    assert all(report == reports[0] for report in reports)


async def test_a_run_that_takes_long_goes_on_without_its_caller(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 after a bounded time; the result is in the delivery report later."""
    await pair.node.publish()
    await pair.settled(1)
    monkeypatch.setattr(reconciling, "ANSWER_SECONDS", 0.0)
    answer = await pair.node.editor.post("/api/v1/resync")
    assert answer.status_code == 503
    assert "goes on" in read(answer)["detail"]
    await eventually(pair.node.delivery, lambda report: report["compared"] is not None)
