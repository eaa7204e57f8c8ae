"""Mirrors: what a hub was yesterday and what happened since make what it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from bri_exchange.dumping import next_due
from bri_hub import administration
from bri_hub.administration import Decision
from bri_hub.tokens import create_token
from bri_kit import database
from tests.integration.hub.running import Line, RunningHub
from tests.support.centres import Centre, a_record
from tests.support.mirror import Mirror, everything


async def test_a_dump_and_the_changes_since_make_a_mirror(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """What was revised, withdrawn, added and hidden after the dump is in the changes."""
    records = [a_record(sco.record_id()) for _ in range(7)]
    await line.send(*map(sco.publish, records), sco.retract(records[6].id))
    await line.receipt(sco.head)
    dump = await hub.app.state.parts.exchange.dumping.make()
    assert (dump.records, dump.lines) == (6, 7)
    records[1].revision = 2
    records[1].editions[0].title = "Revised since"
    new = a_record(sco.record_id())
    await line.send(sco.publish(records[1]), sco.retract(records[2].id), sco.publish(new))
    await line.receipt(sco.head)
    mirror = Mirror(hub.http)
    await mirror.load_dump()
    assert records[2].id in mirror.records
    await mirror.follow()
    assert mirror.records == await everything(hub.http)
    assert len(mirror.records) == 6
    _decide(hub, "limit")
    await mirror.follow()
    assert mirror.records == {}
    _decide(hub, "resume")
    await mirror.follow()
    assert mirror.records == await everything(hub.http) != {}


def _decide(hub: RunningHub, action: str) -> None:
    decision = Decision("sco", "ops", "so decided")
    with database.writing(hub.app.state.parts.engine) as session:
        administration.set_state(session, decision, action)


async def test_changes_alone_make_a_mirror_too(hub: RunningHub, sco: Centre, line: Line) -> None:
    """From the beginning, page by page, by the cursor or by the Link."""
    await line.send(*(sco.publish() for _ in range(5)))
    await line.receipt(sco.head)
    mirror = Mirror(hub.http)
    await mirror.follow()
    assert mirror.records == await everything(hub.http)
    first = await hub.http.get("/api/v1/changes?limit=3")
    rest = await hub.json(first.links["next"]["url"])
    changes = [each["change"] for each in (*first.json()["items"], *rest["items"])]
    assert changes == sorted(changes)
    assert len(changes) == 5
    assert rest["cursor"] is None


@pytest.mark.parametrize("query", ["epoch=01ANOTHER&after=1", "after=99"])
async def test_a_number_of_another_log_is_told(hub: RunningHub, query: str) -> None:
    """As after a restored backup: 410, with the epoch that lasts and what to do."""
    answer = await hub.http.get(f"/api/v1/changes?{query}")
    assert answer.status_code == 410
    problem = answer.json()
    assert problem["title"] == "The change log began anew"
    assert problem["epoch"]
    assert "dump" in problem["detail"]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", f"after={2**64}", "limit=0", "limit=501", "cursor=junk"]
)
async def test_a_question_that_is_none_is_refused(hub: RunningHub, query: str) -> None:
    """422, and the field."""
    answer = await hub.http.get(f"/api/v1/changes?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_an_admin_has_a_dump_made(
    hub: RunningHub, sco: Centre, line: Line, data: Path
) -> None:
    """At once; where it cannot be written that is said, and what was there is there."""
    await line.send(sco.publish())
    await line.receipt(sco.head)
    headers = {"Authorization": f"Bearer {create_token(data, 'admin', 'ops')}"}
    made = await hub.http.post("/api/v1/admin/dumps", headers=headers)
    assert made.status_code == 201
    listed = (await hub.json("/dumps/"))["items"]
    assert [each["name"] for each in listed] == [made.json()["name"]]
    folder = data / "dumps"
    folder.rename(data / "elsewhere")
    folder.write_text("no folder")
    failed = await hub.http.post("/api/v1/admin/dumps", headers=headers)
    folder.unlink()
    (data / "elsewhere").rename(folder)
    assert failed.status_code == 503
    assert (await hub.json("/dumps/"))["items"] == listed


def test_a_dump_is_due_once_a_day() -> None:
    """At its hour, also where the hub was not there then."""
    hour = datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert next_due(hour.replace(hour=0, minute=59), 1) == hour
    assert next_due(hour, 1) == hour.replace(day=23)
    assert next_due(hour.replace(hour=9), 1) == hour.replace(day=23)


async def test_the_dump_of_a_day_that_was_missed_is_made(hub: RunningHub) -> None:
    """It is due as soon as the hub looks, and then not before the next day."""
    dumping = hub.app.state.parts.exchange.dumping
    assert dumping.seconds_left() > 0
    with time_machine.travel(datetime(2999, 1, 1, 12, tzinfo=UTC), tick=False):
        assert dumping.seconds_left() == 0
        await dumping.make()
        assert dumping.seconds_left() == 13 * 3600
