"""A publisher, and readings of what it publishes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.harvesting.harvesting import Harvester
from tests.support.publisher import Publisher, publishing


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    async with publishing() as publisher:
        yield publisher


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Harvester]:
    """A node that harvests when it is told to."""
    node = Harvester(tmp_path / "node")
    await node.start()
    yield node
    await node.stop()
