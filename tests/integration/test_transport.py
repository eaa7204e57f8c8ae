"""Publishing and consuming over a real nats-server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from bri_kit import transport
from bri_kit.consuming import Consumer
from bri_kit.publishing import Outgoing, Publisher
from tests.support.nats import NatsServer
from tests.support.waiting import eventually


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def client(server: NatsServer) -> AsyncIterator[Client]:
    client = await transport.connect(server.url, "test")
    yield client
    await client.close()


def numbered(first: int, last: int) -> list[Outgoing]:
    return [Outgoing(f"id-{number}", f"{number}".encode()) for number in range(first, last + 1)]


async def take(consumer: Consumer, count: int) -> list[bytes]:
    taken: list[bytes] = []
    while len(taken) < count:
        batch = await consumer.next_batch(1_000)
        taken += [message.data for message in batch]
        await consumer.acknowledge(batch[-1])
    return taken


async def test_what_is_published_arrives_once_and_in_order(client: Client) -> None:
    """A message is delivered once even where it was published twice, in the order of publishing."""
    consumer = Consumer(client)
    await consumer.start()
    publisher = Publisher(client)
    subject = transport.log_subject("sco")
    assert await publisher.publish(subject, numbered(1, 700)) == [None] * 700
    assert await publisher.publish(subject, numbered(601, 1_500)) == [None] * 900
    assert await take(consumer, 1_500) == [f"{number}".encode() for number in range(1, 1_501)]


async def test_without_a_stream_nothing_counts_as_sent(client: Client) -> None:
    """Where no stream takes a subject, the publisher says so for each message."""
    errors = await Publisher(client).publish(transport.log_subject("sco"), numbered(1, 2))
    assert errors == ["no stream takes this subject"] * 2


async def test_only_what_was_acknowledged_is_done(client: Client) -> None:
    """Acknowledging a message settles those up to it; the broker still answers for the others."""
    consumer = Consumer(client)
    await consumer.start()
    await Publisher(client).publish(transport.log_subject("sco"), numbered(1, 3))
    batch = await consumer.next_batch(1_000)
    await consumer.acknowledge(batch[0])

    async def settled() -> int:
        info = await client.jetstream().consumer_info(transport.STREAM, transport.HUB_CONSUMER)
        assert info.ack_floor is not None
        return info.ack_floor.stream_seq or 0

    assert await eventually(settled) == 1


async def test_a_batch_with_a_repeat_still_goes_out(client: Client) -> None:
    """The broker refuses an atomic batch that holds a repeat: its messages then go one by one."""
    await transport.ensure_stream(client)
    publisher = Publisher(client)
    subject = transport.log_subject("sco")
    assert await publisher.publish(subject, numbered(2, 2)) == [None]
    assert await publisher.publish(subject, numbered(1, 4)) == [None] * 4
    info = await client.jetstream().stream_info(transport.STREAM)
    assert info.state.messages == 4


async def test_a_restarted_server_is_found_again(server: NatsServer, client: Client) -> None:
    """Both go on after a killed server is back; a message that comes again does no harm."""
    consumer = Consumer(client)
    await consumer.start()
    publisher = Publisher(client)
    await publisher.publish(transport.log_subject("sco"), numbered(1, 5))
    assert len(await take(consumer, 5)) == 5
    server.stop()
    server.start()

    async def sent() -> bool:
        return await publisher.publish(transport.log_subject("sco"), numbered(6, 7)) == [None] * 2

    await eventually(sent)
    taken = await take(consumer, 2)
    assert taken[-2:] == [b"6", b"7"]


async def test_a_wiped_store_is_made_anew(server: NatsServer, client: Client) -> None:
    """Where the broker lost stream and consumer, the consumer makes both again and goes on."""
    consumer = Consumer(client)
    await consumer.start()
    publisher = Publisher(client)
    await publisher.publish(transport.log_subject("sco"), numbered(1, 5))
    assert len(await take(consumer, 5)) == 5
    await client.jetstream().delete_stream(transport.STREAM)

    async def sent() -> bool:
        return await publisher.publish(transport.log_subject("sco"), numbered(6, 6)) == [None]

    taking = asyncio.create_task(take(consumer, 1))
    await eventually(sent)
    assert await taking == [b"6"]


async def test_a_question_that_is_cancelled_with_its_answer_is_cancelled(client: Client) -> None:
    """The cancellation wins, also where the answer came first within the same turn of the loop."""
    await client.subscribe("question")
    asking = asyncio.create_task(client.request("question", timeout=10))

    async def asked() -> asyncio.Future[Msg] | None:
        return next(iter(client._resp_map.values()), None)

    answer = await eventually(asked)
    assert answer is not None
    answer.set_result(Msg(client))
    asking.cancel()
    await asyncio.wait({asking}, timeout=10)
    assert asking.cancelled()
