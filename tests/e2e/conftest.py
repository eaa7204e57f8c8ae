"""One federation, with its samples, is shared by all tests of a session that do not end it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bri_cli.layout import Layout
from tests.e2e.exhibits import Exhibits, set_up, writes_letters
from tests.e2e.federation import Federation, processes_of
from tests.e2e.kinds import Sites
from tests.e2e.ports import free_port_base
from tests.e2e.screen import opened
from tests.support.browser import chromium
from tests.support.mail import MailServer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run what is marked browser or long too")


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All in one worker, where tests are spread by group: there is one federation to share. What
    is marked `browser` or `long` is left out, wherever it is, unless it is asked for. First comes
    `test_up`, which looks at a federation that has just begun."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("federation"))
    items.sort(key=lambda item: item.path != Path(__file__).with_name("test_up.py"))
    if not config.getoption("--all", default=False):
        left = [item for item in items if any(map(item.get_closest_marker, ("browser", "long")))]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServer]:
    """Where the federation's letters go."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Federation]:
    """Ready, and its samples loaded. It searches by words: embedding takes a core for minutes, and
    has tests of its own."""
    shared = Federation(Layout(tmp_path_factory.mktemp("federation"), free_port_base()))
    shared.start(**writes_letters(mail))
    try:
        shared.wait_for("ready")
        yield shared
    finally:
        assert shared.stop() == 0
        assert not processes_of(shared.layout.data)


@pytest.fixture(scope="session")
def exhibits(federation: Federation, mail: MailServer) -> Exhibits:
    """Something to show on every kind of page. A browser's event loop may be in this thread."""
    with ThreadPoolExecutor(1) as another:
        return another.submit(set_up, federation, mail).result()


@pytest.fixture(scope="session")
def sites(federation: Federation) -> Sites:
    """Where the hub and the centre `sco` answer."""
    return Sites(federation.layout.url("hub"), federation.layout.url("sco"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; one a module, for its event loop must not be there when others begin theirs."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A reader's screen."""
    with opened(browser) as screen:
        yield screen


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Federation]:
    """One to end as the test likes; not started yet."""
    federation = Federation(Layout(tmp_path / "data", free_port_base()))
    yield federation
    federation.stop()
