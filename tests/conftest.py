"""Which kind of database the tests run on."""

from pathlib import Path

import pytest

from bri_kit import database
from tests.support import postgres


@pytest.fixture(autouse=postgres.is_wanted())
def on_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases of this process are PostgreSQL's instead of files."""
    postgres.server()  # here, because it ends with the thread that starts it
    monkeypatch.setattr(database, "sqlite_url", _address)


def _address(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()  # by which commands see whose folder it is
    return database.address(postgres.database_at(path), path)
