"""A broker, a node and the hub that admitted it, all of them real."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sco_platform.profile import PROFILE
from tests.integration.node.running import RunningNode
from tests.integration.repair.pair import Pair
from tests.support.nats import NatsServer


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def pair(tmp_path: Path, broker: NatsServer) -> AsyncIterator[Pair]:
    """A node and a hub that run."""
    node = RunningNode(PROFILE, tmp_path / "node", broker.url)
    await node.start()
    pair = Pair(node, tmp_path / "hub", broker.url)
    await pair.admit()
    await pair.start_hub()
    yield pair
    await pair.stop_hub()
    await node.stop()
