"""Disks that can be filled: a small file system in memory for the data of each service.

What is on it survives kill -9, as on a disk. At the end what is there is moved to the real disk,
for whoever wants to know what happened.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = "512m"
BALLAST = "ballast"
_STEP = 4 * 1024 * 1024


class NoDisks(Exception):
    """Small file systems cannot be made here; the message says why."""


class Disks:
    """Small disks for the folders of some services."""

    def __init__(self) -> None:
        self._mounted: list[Path] = []

    def mount(self, folder: Path) -> None:
        """Put a small disk under a folder, which is made. Raises NoDisks where that cannot be."""
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "bri-chaos", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise NoDisks(f"mount cannot be run: {error}") from None
        if done.returncode:
            raise NoDisks(f"a small disk needs the right to mount: {done.stderr.strip()}")
        self._mounted.append(folder)

    def release(self, *, keep: bool) -> None:
        """Take all disks away; what they hold is moved to the disk below where `keep`."""
        for folder in self._mounted:
            kept = folder.with_name(f"{folder.name}.kept")
            if keep:
                shutil.copytree(folder, kept)
            leave(folder)
            if keep:
                folder.rmdir()
                kept.rename(folder)
        self._mounted.clear()


def leave(folder: Path) -> None:
    """Take away what is mounted on a folder; a run that was killed leaves it behind."""
    while folder.is_mount():
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """The disk under `folder` has no room inside the block."""
    ballast = folder / BALLAST
    try:
        with suppress(OSError), ballast.open("wb") as file:
            _fill(file.fileno())
        yield
    finally:
        ballast.unlink(missing_ok=True)


def _fill(handle: int) -> None:
    """Take all the room there is, down to the last block. Ends by OSError."""
    size, step = 0, _STEP
    while True:
        try:
            os.posix_fallocate(handle, size, step)
            size += step
        except OSError:
            if step <= 4096:
                raise
            step //= 2
