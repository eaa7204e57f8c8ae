"""A broker, a hub on a folder of its own, and the centre `sco` on the line."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bri_kit import transport
from tests.integration.hub.running import Line, RunningHub, introduce, running_hub
from tests.support.centres import Centre
from tests.support.nats import NatsServer


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
    await transport.ensure_stream(client)
    line = Line(client, "sco")
    await line.listen()
    yield line
    await client.close()
