"""Which Meilisearch search is to run on."""

import http.server
import json
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bri_cli import meili, preflight, services
from bri_cli.checkup import Level, check_meilisearch
from bri_cli.layout import Layout
from bri_cli.meili import Meilisearch, MeilisearchMissing, MeilisearchRefuses
from bri_cli.outcome import NOT_BEGUN
from bri_cli.running import Running
from tests.e2e.ports import free_port_base

KEY = "the-key"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data", free_port_base(), engine="meilisearch")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `meilisearch` on the PATH, and no other."""
    binary = tmp_path / "bin" / "meilisearch"
    binary.parent.mkdir()
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    monkeypatch.setenv("PATH", str(binary.parent))
    monkeypatch.delenv("MEILI_URL", raising=False)
    return binary


class _Server(http.server.BaseHTTPRequestHandler):
    """Tells its version to who has the key."""

    version = "1.50.0"

    def do_GET(self) -> None:
        if self.path != "/version":
            self.send_response(404)
        elif self.headers["Authorization"] == f"Bearer {KEY}":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"pkgVersion": self.version}).encode())
            return
        else:
            self.send_response(403)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing: the test says it all."""


@pytest.fixture
def address() -> Iterator[str]:
    listening = http.server.HTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_server_that_is_named_is_used(layout: Layout) -> None:
    """With its key; nothing is started."""
    named = meili.find(layout, {"MEILI_URL": "http://m:7700", "MEILI_KEY": KEY})
    assert named == Meilisearch("http://m:7700", KEY)


def test_else_one_that_is_installed_is_run(layout: Layout, installed: Path) -> None:
    """Beside the other services, on a port of the federation, and search is told of both."""
    assert meili.find(layout).binary == installed
    ours, _, search, *_ = services.services(layout)
    environment = search.program.environment
    assert ours.program.command[0] == str(installed)
    assert f"127.0.0.1:{layout.port_base + 7}" in ours.program.command
    assert environment["BRI_SEARCH_ENGINE"] == "meilisearch"
    assert environment["BRI_SEARCH_MEILI_URL"] == layout.meili_url
    assert environment["BRI_SEARCH_MEILI_KEY"] == ours.program.environment["MEILI_MASTER_KEY"]


def test_our_own_key_is_made_once_and_kept_from_others(layout: Layout, installed: Path) -> None:
    """For its owner alone, and in no command line."""
    keys = {meili.with_key(layout, meili.find(layout)).key for _ in range(2)}
    (key,) = keys
    path = layout.folder("meilisearch") / "master-key"
    assert len(key) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ours = meili.program(layout, Meilisearch(layout.meili_url, key, installed))
    assert key not in " ".join(ours.command)


def test_without_any_nothing_is_begun(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that says what to do, before the data folder is touched."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("MEILI_URL", raising=False)
    with pytest.raises(MeilisearchMissing, match="set MEILI_URL and MEILI_KEY") as caught:
        preflight.check(layout)
    assert caught.value.status == NOT_BEGUN
    assert not layout.data.exists()


def test_a_port_that_is_taken_is_told(layout: Layout, installed: Path) -> None:
    """As for every other service."""
    taken = socket.create_server(("127.0.0.1", layout.meili_port))
    with taken, pytest.raises(preflight.PortUnusable, match="for meilisearch, is in use"):
        preflight.check(layout)


def test_a_server_that_takes_the_key_is_content(address: str) -> None:
    """A path before its routes, as behind a proxy, is no matter for the check of others."""
    meili.check(Meilisearch(address, KEY))
    meili.check(Meilisearch(f"{address}/", KEY))


@pytest.mark.parametrize(
    ("path", "key", "told"),
    [("", "wrong", "does not accept MEILI_KEY"), ("", "", "MEILI_KEY"), ("/x", KEY, "answers 404")],
)
def test_a_server_that_refuses_is_told(address: str, path: str, key: str, told: str) -> None:
    """In one line, with what it refused."""
    with pytest.raises(MeilisearchRefuses, match=told):
        meili.check(Meilisearch(address + path, key))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:1", "no Meilisearch answers"),
        ("http://127.0.0.1:99999", "no Meilisearch answers"),
        ("localhost:7700", "no http address"),
        ("ftp://m", "no http address"),
        ("http://", "no http address"),
    ],
)
def test_an_address_that_is_none_is_told(url: str, told: str) -> None:
    """In words, never as a traceback."""
    with pytest.raises(MeilisearchRefuses, match=told):
        meili.check(Meilisearch(url, KEY))


def test_a_check_up_asks_the_server_that_is_named(layout: Layout, address: str) -> None:
    """Its version is told; a wrong key, or nobody there, is a failure with where to look."""
    right = {"MEILI_URL": address, "MEILI_KEY": KEY}
    (found,) = check_meilisearch(layout, None, right)
    assert (found.level, found.detail) == (Level.OK, f"1.50.0 at {address}")
    for wrong in ({**right, "MEILI_KEY": "wrong"}, {**right, "MEILI_URL": "http://127.0.0.1:1"}):
        (found,) = check_meilisearch(layout, None, wrong)
        assert (found.level, found.hint) == (Level.FAIL, "see MEILI_URL and MEILI_KEY")


def test_a_check_up_tells_of_a_version_that_will_not_do(
    layout: Layout, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anybody starts search and wonders."""
    monkeypatch.setattr(_Server, "version", "1.12.0")
    (found,) = check_meilisearch(layout, None, {"MEILI_URL": address, "MEILI_KEY": KEY})
    assert found.level is Level.FAIL
    assert "Meilisearch is 1.12.0; from 1.40 to 2 is needed" in found.detail


def test_where_no_meilisearch_is_used_none_is_looked_at(layout: Layout) -> None:
    """Though one may be installed."""
    assert list(check_meilisearch(layout, None, {})) == []
    assert list(check_meilisearch(layout, Running("127.0.0.1", 1, {"hub": 1}), {})) == []
