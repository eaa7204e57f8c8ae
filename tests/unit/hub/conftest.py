"""A hub of database and pipeline alone, and a centre that it admitted."""

from collections.abc import Iterator

import pytest

from tests.support.centres import Centre
from tests.unit.hub.hub import Hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.engine.dispose()


@pytest.fixture
def sco(hub: Hub) -> Centre:
    centre = Centre("sco")
    hub.admit(centre)
    return centre
