"""Files as a failing disk leaves them, disks that are full, and databases that have no room: real
errors of real files."""

import random
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.chaos.disks import leave

_WITHOUT_END = 2**30
_PAGE = 256


def rot(path: Path, seed: int = 0, *, share: float = 0.3, footer: int = 0) -> None:
    """Write random bytes over `share` of a file's pages, one at least, but not over its last
    `footer` bytes; its length stays."""
    chance = random.Random(seed)
    size = max(path.stat().st_size - footer, 1)
    pages = max(size // _PAGE, 1)
    with path.open("r+b") as file:
        for page in chance.sample(range(pages), max(int(share * pages), 1)):
            file.seek(page * _PAGE)
            file.write(chance.randbytes(min(_PAGE, size - page * _PAGE)))


class Ceiling:
    """The most pages that a SQLite file may have, which can be moved while it is in use."""

    def __init__(self, engine: Engine) -> None:
        self.pages = _WITHOUT_END
        event.listen(engine, "checkout", self._apply)

    def lower(self, file: Path, more: int = 0) -> None:
        """Leave room for `more` pages beyond what the file has now, and none beyond that."""
        with closing(sqlite3.connect(file)) as connection:
            self.pages = int(connection.execute("PRAGMA page_count").fetchone()[0]) + more

    def lift(self) -> None:
        self.pages = _WITHOUT_END

    def _apply(self, connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self.pages}")


def overwrite(file: Path, table: str) -> None:
    """Write nonsense over the first page of a table in a SQLite file that nobody has open."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [size] = connection.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        [page] = connection.execute(query, (table,)).fetchone()
    with file.open("r+b") as pages:
        pages.seek((page - 1) * size)
        pages.write(b"\xa5" * size)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of `size` in memory under `folder`. Skips the test where none can be made."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "bri-test", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"a small disk needs mount: {error}")
    if done.returncode:
        pytest.skip(f"a small disk needs the right to mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        leave(folder)
