"""Whose files these are: what a service keeps is for its own user alone (0600 in 0700 folders).

Rules:
- a process sets its umask once, when it begins, so whatever it or a library makes is private;
- files of before are made private when a service starts; a folder of data that an operator made
  keeps its own mode, because what is in it is private by itself;
- only what bears a name of ours is changed, and what belongs to this user; links are not followed;
- what a command writes where a person says has the mode that this person's umask gives.
"""

import os
import stat
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

UMASK = 0o077

OURS = (
    *("*.db", "*.db-*", "*.db.*", "*.sqlite", "*.sqlite-*"),
    *("key", "key.*", "*.key", "*.creds", "*.pem", "master-key", "node.toml", "*.json", "*.conf"),
    *("index", "meaning", "dumps", "store", "data"),
)
"""Names in the folder of a service."""

_of_person = 0o022


def restrict() -> None:
    """Have everything that this process makes be private."""
    global _of_person
    before = os.umask(UMASK)
    if before != UMASK:
        _of_person = before


def shared_mode() -> int:
    """The mode of a file that a person asked for, by the umask that this process began with."""
    return 0o666 & ~_of_person


def tighten(folder: Path, names: Iterable[str] = OURS) -> None:
    """Make what is in `folder` under these names private. What cannot be changed stays."""
    wanted = tuple(names)
    try:
        found = [path for path in folder.iterdir() if _is_named(path.name, wanted)]
    except OSError:
        return
    for path in found:
        _tighten(path)
        if path.is_dir() and not path.is_symlink():
            for parent, folders, files in os.walk(path):
                for name in (*folders, *files):
                    _tighten(Path(parent, name))


def _is_named(name: str, wanted: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in wanted)


def _tighten(path: Path) -> None:
    try:
        found = path.lstat()
        regular = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if regular and found.st_mode & UMASK and found.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(found.st_mode) & ~UMASK)
    except OSError:
        return
