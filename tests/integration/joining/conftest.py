"""A broker with the real configuration, and the hub's keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.secured import Secured, secured


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Secured]:
    made = secured(tmp_path)
    made.server.start()
    yield made
    made.server.stop()
