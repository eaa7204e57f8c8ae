"""A node without a broker, and one with a broker and a hub."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sco_platform.profile import PROFILE
from tests.integration.node.running import RunningNode
from tests.integration.node.standin import StandInHub
from tests.support.nats import NatsServer


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node that has no broker."""
    node = RunningNode(PROFILE, tmp_path / "node")
    await node.start()
    yield node
    await node.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def linked(tmp_path: Path, broker: NatsServer) -> AsyncIterator[RunningNode]:
    """A node that has a broker."""
    node = RunningNode(PROFILE, tmp_path / "node", broker.url)
    await node.start()
    yield node
    await node.stop()


@pytest.fixture
async def hub(linked: RunningNode, broker: NatsServer) -> AsyncIterator[StandInHub]:
    hub = StandInHub(broker.url, "sco", await linked.public_key())
    await hub.start()
    yield hub
    await hub.stop()
