"""Copies of the data folders of services that do not run, as an operator makes them."""

import shutil
from pathlib import Path

from tests.support import postgres

_DATABASES = ("hub.db", "node.db")


def copy(folder: Path, target: Path) -> None:
    """Have `target`, which is not there yet, be as `folder`."""
    shutil.copytree(folder, target)
    _copy_databases(folder, target)


def put_back(backup: Path, folder: Path) -> None:
    """Have `folder` be as `backup` again, which stays."""
    shutil.rmtree(folder)
    copy(backup, folder)


def _copy_databases(folder: Path, target: Path) -> None:
    if postgres.is_wanted():
        for name in _DATABASES:
            postgres.copy(folder / name, target / name)
