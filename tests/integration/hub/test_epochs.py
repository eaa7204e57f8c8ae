"""The lives of the change log: which cursors hold after restarts and restores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from bri.log.v1 import log_pb2, log_pb2_grpc
from nats.aio.client import Client

from bri_kit import transport
from tests.integration.hub.running import WITH_TOKEN, Line, RunningHub, introduce, running_hub
from tests.support import folders
from tests.support.centres import Centre, a_record
from tests.support.nats import NatsServer
from tests.support.waiting import eventually


async def epoch_of(hub: RunningHub) -> str:
    async with hub.follow() as call:
        epoch: str = (await call.read()).epoch
        return epoch


@asynccontextmanager
async def followed(hub: RunningHub, after: int, epoch: str) -> AsyncIterator[Any]:
    port = hub.app.state.parts.changes_port
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = log_pb2.FollowRequest(follower="test", after=after, epoch=epoch)
        call = log_pb2_grpc.LogServiceStub(channel).Follow(request, metadata=WITH_TOKEN)
        yield await call.read()
        call.cancel()


async def is_refused(hub: RunningHub, after: int, epoch: str) -> bool:
    try:
        async with followed(hub, after, epoch):
            return False
    except grpc.aio.AioRpcError as error:
        return error.code() is grpc.StatusCode.OUT_OF_RANGE


async def test_a_cursor_holds_over_a_restart(
    data: Path, sco: Centre, broker: NatsServer, line: Line
) -> None:
    """Each start is another epoch, and what was reached in an earlier one stays reached."""
    async with running_hub(data, broker.url) as hub:
        await line.send(sco.publish(), sco.publish())
        await line.receipt(sco.head)
        first = await epoch_of(hub)
    async with running_hub(data, broker.url) as hub:
        second = await epoch_of(hub)
        assert second
        assert second != first
        async with followed(hub, 2, first) as response:
            assert (response.epoch, response.head, len(response.changes)) == (second, 2, 0)
        assert await is_refused(hub, 3, first)
        assert await is_refused(hub, 1, "of another hub")
        assert not await is_refused(hub, 0, "of another hub")


async def test_a_restored_hub_that_has_written_on_refuses_cursors_of_what_it_lost(
    data: Path, sco: Centre, broker: NatsServer, line: Line
) -> None:
    """Numbers that were lost are used again, and still no follower takes them for its own."""
    async with running_hub(data, broker.url) as hub:
        await line.send(sco.publish(), sco.publish())
        await line.receipt(sco.head)
    backup = data.with_name("backup")
    folders.copy(data, backup)
    async with running_hub(data, broker.url) as hub:
        await line.send(*(sco.publish() for _ in range(3)))
        await line.receipt(sco.head)
        lost = await epoch_of(hub)
    folders.put_back(backup, data)
    async with running_hub(data, broker.url) as hub:
        await line.send(*(sco.publish() for _ in range(4)))
        await line.receipt(sco.head)
        assert (await hub.json("/api/v1/status"))["head"] == 9
        assert await is_refused(hub, 5, lost)
        assert await is_refused(hub, 1, lost)


async def test_a_restored_hub_reads_again_what_it_had_acknowledged(
    data: Path, sco: Centre, broker: NatsServer, line: Line
) -> None:
    """The broker's stream still has what the backup lacks: no centre need be there to send it."""
    async with running_hub(data, broker.url):
        await line.send(sco.publish())
        await line.receipt(sco.head)
    backup = data.with_name("backup")
    folders.copy(data, backup)
    record_id = sco.record_id()
    async with running_hub(data, broker.url):
        await line.send(sco.publish(), sco.publish(a_record(record_id)))
        await line.receipt(sco.head)
        await eventually(lambda: _acknowledged(line.client), lambda floor: floor == 3)
    folders.put_back(backup, data)
    async with running_hub(data, broker.url) as hub:
        await hub.has(record_id)
        assert (await hub.centre())["last_entry"]["number"] == 3
        assert line.requests == []
        assert "hub_stream_rewound_total" in (await hub.http.get("/metrics")).text


async def _acknowledged(client: Client) -> int:
    info = await client.jetstream().consumer_info(transport.STREAM, transport.HUB_CONSUMER)
    assert info.ack_floor is not None
    floor: int = info.ack_floor.stream_seq
    return floor


async def test_a_deleted_consumer_loses_and_doubles_nothing(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """It is made again, and what it brings once more is known."""
    first, second = sco.record_id(), sco.record_id()
    await line.send(sco.publish(a_record(first)))
    await hub.has(first)
    await line.client.jetstream().delete_consumer(transport.STREAM, transport.HUB_CONSUMER)
    await line.send(sco.publish(a_record(second)))
    await hub.has(second)
    assert (await hub.json("/api/v1/status"))["head"] == 2
    assert (await hub.centre())["refused"] == 0


async def test_a_hub_that_begins_tells_every_centre_where_it_stands(
    data: Path, sco: Centre, broker: NatsServer, line: Line
) -> None:
    """A centre to which nothing happens would not ask, and not learn that its entries are lost."""
    introduce(data, Centre("asean"))
    theirs = Line(line.client, "asean")
    await theirs.listen()
    async with running_hub(data, broker.url):
        await line.send(sco.publish())
        await line.receipt(sco.head)
    line.head, theirs.head = -1, -1
    async with running_hub(data, broker.url):
        await eventually(lambda: _heads(line, theirs), lambda heads: heads == (1, 0))


async def _heads(*lines: Line) -> tuple[int, ...]:
    return tuple(each.head for each in lines)


@pytest.mark.parametrize("name", ["search-1", ""])
async def test_centres_are_told_what_replicas_show(
    hub: RunningHub, sco: Centre, line: Line, name: str
) -> None:
    """A report of a change's number reaches the centre as the number of its own entry, and those
    who ask are told it again."""
    asean = Centre("asean")
    introduce(hub.app.state.parts.settings.data, asean)
    theirs = Line(line.client, "asean")
    await theirs.listen()
    await theirs.send(asean.publish())
    await theirs.receipt(asean.head)
    await line.send(*(sco.publish() for _ in range(3)))
    await line.receipt(sco.head)
    port = hub.app.state.parts.changes_port
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = log_pb2_grpc.LogServiceStub(channel)
        epoch = await epoch_of(hub)
        report = log_pb2.ReportRequest(follower=name, epoch=epoch, cursor=3)
        await stub.Report(report, metadata=WITH_TOKEN)
        (reach,) = (await line.ask(0)).reaches
        assert (reach.number, reach.at[-1]) == (2, "Z")
        assert reach.place == name or reach.place.startswith("ipv4:")
        assert [each.number for each in (await theirs.ask(0)).reaches] == [1]
        report = log_pb2.ReportRequest(follower=name, epoch=epoch, cursor=4)
        await stub.Report(report, metadata=WITH_TOKEN)
        assert [each.number for each in (await line.ask(0)).reaches] == [3]
        await stub.Report(
            log_pb2.ReportRequest(follower=name, epoch="lost", cursor=1), metadata=WITH_TOKEN
        )
        assert [each.number for each in (await line.ask(0)).reaches] == [3]
        await stub.Report(
            log_pb2.ReportRequest(follower=name, epoch=epoch, cursor=0), metadata=WITH_TOKEN
        )
        assert [each.number for each in (await line.ask(0)).reaches] == [0]
    (told,) = (await hub.centre())["reaches"]
    assert told["number"] == 0
