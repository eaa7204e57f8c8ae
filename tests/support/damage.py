"""Files as a failing disk leaves them, and disks that are full."""

import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chaos.disks import leave

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


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
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
        yield
    finally:
        leave(folder)
