"""Secrets in files: where they are looked for, and what wins."""

from pathlib import Path

import pytest

from bri_hub.settings import HubSettings
from bri_kit.settings import told

NAME = "BRI_HUB_DATABASE_URL"


@pytest.fixture(params=["BRI_SECRETS", "CREDENTIALS_DIRECTORY"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(request.param, str(tmp_path))
    monkeypatch.setenv("BRI_HUB_DATA", str(tmp_path))
    monkeypatch.delenv(NAME, raising=False)
    return tmp_path


def test_a_secret_is_read_from_its_file(folder: Path) -> None:
    """Without the line end that editors add; services and commands find the same."""
    (folder / NAME).write_text("postgresql://hub:p@db/hub\n")
    settings = HubSettings()
    assert settings.database_address == "postgresql://hub:p@db/hub"
    assert told(NAME) == settings.database_address


def test_the_environment_comes_before_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a person can say otherwise for once."""
    (folder / NAME).write_text("postgresql://file/hub")
    monkeypatch.setenv(NAME, "postgresql://environment/hub")
    assert HubSettings().database_address == "postgresql://environment/hub"
    assert told(NAME) == "postgresql://environment/hub"


def test_a_folder_without_the_file_says_nothing(folder: Path) -> None:
    """The setting is what it is by itself."""
    assert HubSettings().database_address == ""
    assert told(NAME) == ""


def test_a_folder_that_is_not_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no failure: the environment may say everything."""
    monkeypatch.setenv("BRI_SECRETS", "/nowhere/at/all")
    monkeypatch.setenv("BRI_HUB_DATA", "/tmp")
    assert HubSettings().database_address == ""
    assert told(NAME) == ""
