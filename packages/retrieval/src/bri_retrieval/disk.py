"""Whether an error says that a disk is full, whichever library raises it."""

import errno
import shutil
import sqlite3
from pathlib import Path

LEAST_ROOM = 1024 * 1024
"""Bytes; with less, no commit is begun."""

_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
_WORDS = ("No space left", "StorageFull", "QuotaExceeded", "disk is full", "Disk quota exceeded")


def is_full(error: BaseException) -> bool:
    """Whether `error` was raised because there is no room on a disk."""
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return True
    if isinstance(error, sqlite3.Error):
        code: int = getattr(error, "sqlite_errorcode", 0) or 0
        return code & 0xFF == sqlite3.SQLITE_FULL
    return any(words in str(error) for words in _WORDS)


def has_room(folder: Path) -> bool:
    """Whether there is room on the disk of `folder`, or of the nearest folder above that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free >= LEAST_ROOM
    except OSError:
        return True  # writing will tell
