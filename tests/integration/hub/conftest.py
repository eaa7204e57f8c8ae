"""A broker, a hub on a folder of its own, and the centre `sco` on the line."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import nats.errors
import pytest

from bri_kit import transport
from tests.integration.hub.running import Line, RunningHub, introduce, running_hub
from tests.support.centres import Centre
from tests.support.nats import NatsServer
from tests.support.waiting import eventually


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "hub"


@pytest.fixture
def sco(data: Path) -> Centre:
    centre = Centre("sco")
    introduce(data, centre)
    return centre


@pytest.fixture
async def hub(data: Path, sco: Centre, broker: NatsServer) -> AsyncIterator[RunningHub]:
    async with running_hub(data, broker.url) as hub:
        yield hub


@pytest.fixture
async def line(broker: NatsServer) -> AsyncIterator[Line]:
    client = await transport.connect(broker.url, "sco")

    async def stands() -> bool:
        # As the hub does: a broker on a busy disk may let a question wait for too long.
        with suppress(nats.errors.TimeoutError):
            return bool(await transport.ensure_stream(client))
        return False

    try:
        await eventually(stands, seconds=60)
        line = Line(client, "sco")
        await line.listen()
        yield line
    finally:
        await client.close()
