"""A federation at work on real ports, for other people's clients."""

from collections.abc import Iterator

import pytest

from tests.support.site import Site, site


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as running:
        yield running
