"""Backups of databases at PostgreSQL."""

import time
from pathlib import Path

import pytest

from bri_cli import application
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN
from bri_hub.tables import open_database
from bri_kit import signing
from bri_kit.auth import Role
from bri_node.store import open_store
from bri_node.tokens import create_token, tokens_of
from tests.integration.database.folders import names, restored
from tests.support import former, postgres


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose databases are at PostgreSQL."""
    _point_to_new(monkeypatch)
    monkeypatch.setenv("PATH", str(postgres.programs()), prepend=":")
    data = tmp_path / "data"
    for name in ("hub", "sco"):
        (data / name).mkdir(parents=True)
    open_database(data / "hub").dispose()
    open_store(data / "sco", "sco").close()
    signing.load_or_create(data / "sco" / "key")
    return data


def _point_to_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have services use databases that are new and empty."""
    prefix = f"t{time.time_ns()}"
    for name in ("hub", "sco"):
        postgres.new_database(f"{prefix}_{name}")
    monkeypatch.setenv("BRI_HUB_DATABASE_URL", f"{postgres.server()}{prefix}_hub")
    monkeypatch.setenv("BRI_NODE_DATABASE_URL", f"{postgres.server()}{prefix}_{{centre}}")


def test_databases_at_postgresql_are_backed_up_with_the_keys(
    served: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Other databases and another folder hold the same afterwards; those that hold something are
    left alone."""
    token = create_token(served / "sco", "sco", Role.EDITOR, "Li Wei")
    file = tmp_path / "bri.backup"
    assert application.call(["backup", "--data", str(served), str(file)]) == DONE
    status, line = restored(file, tmp_path / "new", capsys)
    assert (status, "holds tables already" in line) == (NOT_BEGUN, True)
    assert not (tmp_path / "new").exists()
    _point_to_new(monkeypatch)
    assert restored(file, tmp_path / "new", capsys) == (DONE, "")
    assert names(tmp_path / "new") == {"hub", "sco", "sco/key"}
    with tokens_of(tmp_path / "new" / "sco", "sco") as tokens:
        assert tokens.identify(f"Bearer {token}").name == "Li Wei"


def test_a_backup_of_postgresql_needs_its_programs(
    served: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without pg_dump there is no backup, and words say what is missing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "bri.backup"
    capsys.readouterr()
    assert application.call(["backup", "--data", str(served), str(file)]) == NEGATIVE
    assert "pg_dump is missing: install PostgreSQL's client programs" in capsys.readouterr().err
    assert not file.exists()


def test_a_backup_goes_back_to_the_kind_of_database_that_it_is_of(
    served: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of PostgreSQL to files, or the other way, is refused with what to set."""
    file, files = tmp_path / "bri.backup", tmp_path / "files.backup"
    assert application.call(["backup", "--data", str(served), str(file)]) == DONE
    monkeypatch.delenv("BRI_HUB_DATABASE_URL")
    status, line = restored(file, tmp_path / "new", capsys)
    assert (status, "let BRI_HUB_DATABASE_URL name an empty one" in line) == (NOT_BEGUN, True)
    monkeypatch.delenv("BRI_NODE_DATABASE_URL")
    data = former.unpack(tmp_path / "former")
    assert application.call(["backup", "--data", str(data), str(files)]) == DONE
    _point_to_new(monkeypatch)
    status, line = restored(files, tmp_path / "new", capsys)
    assert (status, "BRI_HUB_DATABASE_URL is set" in line) == (NOT_BEGUN, True)
    assert not (tmp_path / "new").exists()
