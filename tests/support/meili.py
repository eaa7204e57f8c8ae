"""A real Meilisearch: the one at MEILI_URL (with MEILI_KEY), or one that is on the PATH, started on
a free port with a folder of its own."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

KEY = "a-master-key-for-tests-only"
HOW_TO_GET_ONE = (
    "no Meilisearch: put a 'meilisearch' on the PATH (a release from "
    "github.com/meilisearch/meilisearch, or 'cargo install'), or set MEILI_URL and MEILI_KEY"
)
_LISTENING = re.compile(r"listening on: 127\.0\.0\.1:(\d+)")
_START_SECONDS = 60.0
_IN_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 1 << 30
"""A hundred small indexes take some 10 MB; a server that runs out of space is killed."""


class MeiliServer:
    """Start it, kill it, start it again on the same port with the same store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.key = KEY
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once the server listens. Skips the test where none is installed."""
        binary = shutil.which("meilisearch")
        if binary is None:
            pytest.skip(HOW_TO_GET_ONE)
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    *(binary, "--no-analytics", "--env", "production", "--master-key", KEY),
                    *("--http-addr", f"127.0.0.1:{self.port}"),
                    *("--db-path", str(self.folder / "data")),
                    # Part of this is zeroed for every task.
                    *("--max-indexing-memory", "16MiB", "--max-indexing-threads", "1"),
                ],
                cwd=self.folder,
                env={**os.environ, "NO_COLOR": "1"},
                stdout=subprocess.DEVNULL,
                stderr=output,
            )
        self.port = self._await_port(log)

    def wipe(self) -> None:
        """Lose everything, as a disk that broke would."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def stop(self) -> None:
        """Kill it, as a power failure would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _await_port(self, log: Path) -> int:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while not (found := _LISTENING.search(log.read_text(errors="replace"))):
            assert self._process.poll() is None, f"meilisearch ended: {log.read_text()}"
            assert time.monotonic() < deadline, "meilisearch is not ready"
            time.sleep(0.01)
        return int(found[1])


@dataclass(frozen=True, slots=True)
class MeiliPlace:
    """Where a Meilisearch answers, and its key."""

    url: str
    key: str

    @staticmethod
    def index_for(path: Path) -> str:
        """An index for the test that has the folder `path`: no two share one."""
        return f"test-{sha256(str(path).encode()).hexdigest()[:16]}"


@contextmanager
def meili_place(folder: Path) -> Iterator[MeiliPlace]:
    """The server that MEILI_URL names, else one that is started, in memory or in `folder`; the test
    is skipped where there is neither."""
    if url := os.environ.get("MEILI_URL"):
        yield MeiliPlace(url, os.environ.get("MEILI_KEY", ""))
        return
    with TemporaryDirectory(dir=_quickest(folder)) as quick:
        server = MeiliServer(Path(quick))
        server.start()
        try:
            yield MeiliPlace(server.url, server.key)
        finally:
            server.stop()


def _quickest(folder: Path) -> Path:
    """In memory, where there is room: every task of a server waits for its disk several times."""
    roomy = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH_BYTES
    return _IN_MEMORY if roomy and os.access(_IN_MEMORY, os.W_OK) else folder
