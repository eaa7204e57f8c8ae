"""What tests of backups ask again and again."""

from pathlib import Path

import pytest

from bri_cli import application
from tests.support import postgres

on_files = pytest.mark.skipif(postgres.is_wanted(), reason="is about files")


def restored(backup: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit status of `bri restore`, and the line that it wrote where it failed."""
    capsys.readouterr()
    status = application.call(["restore", str(backup), "--data", str(data)])
    return status, capsys.readouterr().err


def names(folder: Path) -> set[str]:
    return (
        {str(path.relative_to(folder)) for path in folder.rglob("*")} if folder.exists() else set()
    )
