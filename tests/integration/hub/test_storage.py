"""A hub whose disk is full, and one whose database is damaged, say so and go on reading."""

import asyncio
from pathlib import Path

import pytest
from bri.content.v1 import content_pb2

from tests.integration.hub.running import Line, RunningHub, running_hub
from tests.support import postgres
from tests.support.centres import Centre, a_record
from tests.support.damage import Ceiling, overwrite
from tests.support.nats import NatsServer
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(postgres.is_wanted(), reason="about SQLite's files")

WAITING = 12


def a_large_record(record_id: str) -> content_pb2.Record:
    record = a_record(record_id)
    for edition in record.editions:
        edition.body = f"<p>{'waste ' * 4_000}</p>"
    return record


async def test_without_room_entries_wait_and_everybody_is_told(
    hub: RunningHub, data: Path, sco: Centre, line: Line
) -> None:
    """How many of which centre and since when: status, page, readiness and measurements. Once
    there is room all are stored, none of them twice."""
    ceiling = Ceiling(hub.app.state.parts.engine)
    first = sco.record_id()
    await line.send(sco.publish(a_record(first)))
    await hub.has(first)
    ceiling.lower(data / "hub.db")
    await line.send(*(sco.publish(a_large_record(sco.record_id())) for _ in range(WAITING)))
    told = await eventually(hub.centre, lambda centre: centre["unstored"] == WAITING, seconds=60)
    assert told["last_entry"]["number"] == 1
    storage = (await hub.json("/api/v1/status"))["storage"]
    assert storage["state"] == "full"
    assert storage["since"]
    assert storage["waiting_since"]
    ready = await hub.json("/readyz")
    assert "entries wait" in str(ready["remarks"])
    page = (await hub.http.get("/en/federation")).text
    assert f"{WAITING} entries have arrived and are not stored yet" in page
    assert "There is no room" in page
    assert 'hub_unstored_entries{centre="sco"} 12.0' in (await hub.http.get("/metrics")).text
    assert (await hub.http.get(f"/api/v1/records/{first}")).status_code == 200
    ceiling.lift()
    told = await eventually(hub.centre, lambda centre: centre["records"] == WAITING + 1)
    assert told["unstored"] == 0
    after = (await hub.json("/api/v1/status"))["storage"]
    assert after["state"] in ("ok", "low")
    assert after["waiting_since"] is None


async def test_a_hub_without_room_starts_and_is_read(
    data: Path, sco: Centre, broker: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it cannot begin for want of room is begun once there is some."""
    full = True

    def begin(_session: object) -> str:
        if full:
            raise OSError(28, "No space left on device")
        return "epoch"

    monkeypatch.setattr("bri_hub.duty.epochs.begin", begin)
    async with running_hub(data, broker.url) as hub:
        assert (await hub.json("/api/v1/centres"))["items"][0]["code"] == "sco"
        assert (await hub.json("/api/v1/status"))["storage"]["state"] == "full"
        full = False

        async def port() -> int:
            found: int = hub.app.state.parts.changes_port
            return found

        await eventually(port)


async def test_a_damaged_database_is_told_with_what_to_do(
    data: Path, sco: Centre, broker: NatsServer, line: Line
) -> None:
    """Found without a request; records are not available, which is no unexpected error."""
    async with running_hub(data, broker.url) as hub:
        record_id = sco.record_id()
        await line.send(sco.publish(a_record(record_id)))
        await hub.has(record_id)
    await asyncio.to_thread(overwrite, data / "hub.db", "record")
    async with running_hub(data, broker.url) as hub:
        ready = await eventually(
            lambda: hub.http.get("/readyz"), lambda answer: answer.status_code == 503
        )
        assert "hub.db is damaged" in ready.json()["detail"]
        assert "restore its newest backup" in ready.json()["detail"]
        assert "delete hub.db" in ready.json()["detail"]
        listed = await hub.http.get("/api/v1/records")
        assert (listed.status_code, listed.json()["title"]) == (503, "The database is damaged")
        page = await hub.http.get(f"/ru/records/{record_id}")
        assert page.status_code == 503
        assert "повреждена" in page.text
        assert (await hub.json("/api/v1/status"))["storage"]["state"] == "damaged"
