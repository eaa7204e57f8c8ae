"""Several processes of one hub: one ingests, the others answer, and one of them goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest
from bri.log.v1 import log_pb2, log_pb2_grpc
from sqlmodel import Session

from bri_hub.ingest.pipeline import Batch, EpochOver, apply_batch
from bri_hub.lease import FileLease, lease_of
from bri_hub.repository import epochs
from bri_hub.tables import open_database
from bri_kit import database
from tests.integration.hub.running import WITH_TOKEN, Line, RunningHub, introduce, running_hub
from tests.support import postgres
from tests.support.centres import Centre
from tests.support.nats import NatsServer
from tests.support.site import free_port
from tests.support.waiting import eventually

OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


def is_on_duty(hub: RunningHub) -> bool:
    return bool(hub.app.state.parts.changes_port)


async def published(line: Line, centre: Centre, *hubs: RunningHub) -> str:
    """Publish a record, and wait for it at all of these hubs."""
    envelope = centre.publish()
    await line.send(envelope)
    entry = log_pb2.Entry.FromString(log_pb2.SignedEntry.FromString(envelope).entry)
    for hub in hubs:
        await hub.has(entry.published.id)
    return entry.published.id


async def test_one_ingests_and_all_answer(
    data: Path, sco: Centre, broker: NatsServer, line: Line
) -> None:
    """What one process takes in, another shows; who may not ingest never does."""
    async with (
        running_hub(data, broker.url) as first,
        running_hub(data, broker.url) as second,
        running_hub(data, broker.url, ingest=False) as third,
    ):
        assert [is_on_duty(each) for each in (first, second, third)] == [True, False, False]
        await published(line, sco, first, second, third)
        assert (await third.json("/api/v1/status"))["broker"] == "connected"


async def test_another_goes_on_where_one_ends(
    data: Path, sco: Centre, broker: NatsServer, line: Line, stack: AsyncExitStack
) -> None:
    """The log goes on, a follower that knows both addresses finds the change log again, and its
    cursor holds."""
    ports = free_port(), free_port()
    addresses = ",".join(f"127.0.0.1:{port}" for port in ports)
    first = await stack.enter_async_context(running_hub(data, broker.url, changes_port=ports[0]))
    async with running_hub(data, broker.url, changes_port=ports[1]) as second:
        await published(line, sco, first, second)
        async with grpc.aio.insecure_channel(f"ipv4:{addresses}") as channel:
            stub: Any = log_pb2_grpc.LogServiceStub(channel)
            first_request = log_pb2.FollowRequest(follower="t")
            seen = await stub.Follow(first_request, metadata=WITH_TOKEN).read()
            await stack.aclose()
            request = log_pb2.FollowRequest(follower="t", after=seen.head, epoch=seen.epoch)
            record_id = await published(line, sco, second)
            follow = stub.Follow(request, metadata=WITH_TOKEN, wait_for_ready=True)
            following = await follow.read()
            while not following.changes:
                following = await follow.read()
            assert [each.record_id for each in following.changes] == [record_id]
            assert following.epoch != seen.epoch
            follow.cancel()


async def test_a_holder_whose_lease_was_cut_off_stands_back(
    tmp_path: Path, broker: NatsServer, line: Line
) -> None:
    """The database ends its connection: it notices, another may take over, and nothing is lost."""
    address = postgres.new_database()
    sco = Centre("sco")
    engine = open_database(tmp_path, address)
    engine.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRI_HUB_DATABASE_URL", address)
        introduce(tmp_path, sco)
    more = {"database_url": address}
    async with (
        running_hub(tmp_path / "1", broker.url, **more) as first,
        running_hub(tmp_path / "2", broker.url, **more) as second,
    ):
        await published(line, sco, first, second)
        before = await asyncio.to_thread(_epoch, tmp_path, address)
        await asyncio.to_thread(_cut_off, address)

        async def settled() -> bool:
            after = await asyncio.to_thread(_epoch, tmp_path, address)
            return before != after and is_on_duty(first) != is_on_duty(second)

        await eventually(settled)
        await published(line, sco, first, second)


def _cut_off(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(OTHERS)


def _epoch(folder: Path, address: str) -> str:
    engine = open_database(folder, address)
    try:
        with database.reading(engine) as session:
            return epochs.current(session)
    finally:
        engine.dispose()


def test_what_an_old_holder_would_store_is_refused(data: Path, sco: Centre) -> None:
    """Its epoch is over; the batch is stored by whoever holds the lease now."""
    engine = open_database(data, "")
    with database.writing(engine) as session:
        old = epochs.begin(session)
        new = epochs.begin(session)
    batch = {"sco": [sco.publish()]}
    with pytest.raises(EpochOver):
        apply_batch(engine, Batch(batch, {}, epoch=old))
    assert _head(engine) == 0
    apply_batch(engine, Batch(batch, {}, epoch=new))
    assert _head(engine) == 1
    engine.dispose()


def _head(engine: Any) -> int:
    from bri_hub.repository import changelog

    with Session(engine) as session:
        return changelog.head(session)


@pytest.mark.parametrize("kind", ["file", "server"])
def test_a_lease_is_one_holders(tmp_path: Path, kind: str) -> None:
    """Until it lets go, or its connection ends; letting go of what one has not is nothing."""
    address = postgres.new_database() if kind == "server" else f"sqlite:///{tmp_path / 'hub.db'}"
    engines = [database.connect(address) for _ in range(2)]
    one, other = (lease_of(engine) for engine in engines)
    assert one.take()
    assert not other.take()
    assert one.is_held()
    assert not other.is_held()
    other.release()
    one.release()
    assert not one.is_held()
    assert other.take()
    other.release()
    for engine in engines:
        engine.dispose()


def test_a_database_that_is_away_gives_no_lease() -> None:
    """It is no failure of the process: it tries again."""
    engine = database.connect("postgresql+psycopg://bri@127.0.0.1:1/none")
    lease = lease_of(engine)
    assert not lease.take()
    assert not lease.is_held()
    engine.dispose()


def test_a_lease_beside_a_file_ends_with_its_process(tmp_path: Path) -> None:
    """The file stays and means nothing by itself."""
    path = tmp_path / "x.ingest"
    lease = FileLease(path)
    assert lease.take()
    lease.release()
    assert path.exists()
    other = FileLease(path)
    assert other.take()
    other.release()
