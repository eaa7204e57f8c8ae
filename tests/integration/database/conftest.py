"""A data folder of this version, and a backup of it."""

from pathlib import Path

import pytest

from bri_cli import application
from bri_cli.outcome import DONE
from tests.support import former


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of this version."""
    folder = former.unpack(tmp_path / "data")
    assert application.call(["upgrade", "--data", str(folder)]) == DONE
    return folder


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    file = tmp_path / "bri.backup"
    assert application.call(["backup", "--data", str(data), str(file)]) == DONE
    return file


@pytest.fixture(autouse=True)
def stepped_by_memory() -> None:
    """Here the revisions themselves are tested: every database is stepped by them."""
