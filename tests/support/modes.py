"""What others on this machine may read."""

import os
from collections.abc import Sequence
from pathlib import Path


def open_to_others(folder: Path) -> Sequence[str]:
    """What in `folder`, or the folder itself, its group or others have any right to."""
    paths = [folder]
    for parent, folders, files in os.walk(folder):
        paths += [Path(parent, name) for name in (*folders, *files)]
    found = [(path, path.lstat().st_mode & 0o777) for path in paths if path.exists()]
    return [f"{path.relative_to(folder)} {mode:o}" for path, mode in found if mode & 0o077]
