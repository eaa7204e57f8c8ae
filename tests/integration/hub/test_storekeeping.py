"""A broker that stores nothing any more, though it answers: a real one on a disk that was full."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats.errors
import pytest
from nats.aio.client import Client

from bri_hub.ingest import storekeeping
from bri_kit import transport
from bri_kit.consuming import Consumer
from bri_kit.ending import end
from tests.chaos.disks import Disks, NoDisks, filled
from tests.support.nats import NatsServer
from tests.support.waiting import eventually

SUBJECT = transport.log_subject("sco")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    disks = Disks()
    try:
        disks.mount(tmp_path / "disk")
    except NoDisks as reason:
        pytest.skip(str(reason))
    yield tmp_path / "disk"
    disks.release(keep=False)


@pytest.fixture
async def client(disk: Path) -> AsyncIterator[Client]:
    """A connection to a broker on the small disk, in which the stream is."""
    server = NatsServer(disk)
    server.start()
    client = await transport.connect(server.url, "test")
    await transport.ensure_stream(client)
    yield client
    await client.close()
    server.stop()


async def is_stored(client: Client) -> bool:
    try:
        await client.jetstream(timeout=0.5).publish(SUBJECT, bytes(4_000))
    except (nats.errors.Error, TimeoutError):
        return False
    return True


async def refuses(client: Client) -> bool:
    return not await is_stored(client)


async def test_a_stream_that_stores_nothing_is_made_anew(
    client: Client, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker remembers a failed write for ever; a new stream stores, and the hub reads it."""
    monkeypatch.setattr(storekeeping, "ANSWER_SECONDS", 0.5)
    assert await is_stored(client)
    with filled(disk):
        await eventually(lambda: refuses(client))
    consumer = Consumer(client)
    await consumer.start()
    assert len(await consumer.next_batch(10)) == 1
    keeping = asyncio.create_task(storekeeping.keep_store(client, pause=0.05))
    receiving = asyncio.create_task(consumer.next_batch(10))
    await eventually(lambda: is_stored(client))
    assert await receiving
    await end(keeping)


async def test_a_stream_that_stores_is_left_alone(client: Client) -> None:
    """However often it is looked at; and what it is looked at with, the hub never reads."""
    made = (await client.jetstream().stream_info(transport.STREAM)).created
    keeping = asyncio.create_task(storekeeping.keep_store(client, pause=0.01))

    async def looked_at() -> int:
        return (await client.jetstream().stream_info(transport.STREAM)).state.messages

    await eventually(looked_at, lambda count: count > storekeeping.FAILURES)
    await end(keeping)
    assert (await client.jetstream().stream_info(transport.STREAM)).created == made
    consumer = await client.jetstream().consumer_info(transport.STREAM, transport.HUB_CONSUMER)
    assert consumer.num_pending == 0


async def test_a_missing_stream_is_not_judged(client: Client) -> None:
    """The consumer makes it again; nothing here falls over meanwhile."""
    await client.jetstream().delete_stream(transport.STREAM)
    keeping = asyncio.create_task(storekeeping.keep_store(client, pause=0.01))
    await asyncio.wait({keeping}, timeout=0.2)
    assert not keeping.done()
    await end(keeping)
