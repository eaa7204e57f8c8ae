"""Where the tests keep their files, and which kind of database they run on."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from alembic import command

from bri_kit import database, set_aside
from tests.support import postgres, stepping

MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 * 1024**3
"""What the files of a whole run never come to."""
GARBAGE = (5_000, 10, 20)


def pytest_configure() -> None:
    """Files that a test makes are gone with it: where memory can hold them they are kept there, so
    that no test waits for the disk."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("TMPDIR", str(MEMORY))
        tempfile.tempdir = None  # where it was looked up before


def pytest_collection_finish() -> None:
    """What was loaded by now stays, and each application leaves much behind in FastAPI's caches:
    looking through all that again and again for garbage takes a fifth of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


@pytest.fixture(autouse=True)
def stepped_by_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """New databases get today's schema as the first one got it."""
    monkeypatch.setattr(command, "upgrade", stepping.upgrade)


@pytest.fixture(autouse=True)
def nothing_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process could not write it mentions in `/readyz`: also what another test had it."""
    monkeypatch.setattr(set_aside, "_register", set_aside._Register())


@pytest.fixture(autouse=postgres.is_wanted())
def on_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases of this process are PostgreSQL's instead of files."""
    postgres.server()  # here, because it ends with the thread that starts it
    monkeypatch.setattr(database, "sqlite_url", _address)


def _address(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()  # by which commands see whose folder it is
    return database.address(postgres.database_at(path), path)
