"""What goes wrong with disks and databases, as facts of the one error tree.

Rules:
- this is the one place where errors of operating system, SQLite and PostgreSQL are classified;
- no room (SQLITE_FULL, ENOSPC, EDQUOT, 53100) is `StorageFull`: nothing was stored;
- pages that are not as they were written (SQLITE_CORRUPT, SQLITE_NOTADB, XX001, XX002) are
  `DatabaseDamaged`, which no repetition mends;
- a database that cannot be reached, opened or locked is `Unavailable`;
- everything else, such as a statement that is wrong, is a fault of ours and stays what it is.
"""

import errno
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import TimeoutError as PoolTimeout

from bri_kit.errors import BriError, DatabaseDamaged, StorageFull, Unavailable

MIB = 1024 * 1024
LOW_BYTES = 256 * MIB
LOW_SHARE = 0.05
LOW_SHARE_BYTES = 10 * 1024 * MIB
"""A share alone would call a large disk low that has room for years."""
NO_BYTES = MIB

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_PRIMARY = 0xFF
_SHM_SIZE = 4874
"""SQLITE_IOERR_SHMSIZE: the file beside the write-ahead log could not be made longer."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNUSABLE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
)
_NOT_TEXT = "Could not decode to UTF-8"
_STATES_FULL = ("53100",)
_STATES_DAMAGED = ("XX001", "XX002")
_STATES_UNUSABLE = ("08", "53", "57P", "58", "55P03", "25006", "40001", "40P01")


def explain(error: BaseException) -> BriError | None:
    """The fact behind an error of a disk or a database, None for any other error."""
    seen = 0
    cause: BaseException | None = error
    while cause is not None and seen < 8:
        fact = _explain(getattr(cause, "orig", None) or cause)
        if fact is not None:
            return fact
        cause, seen = cause.__cause__, seen + 1
    return None


def _explain(error: BaseException) -> BriError | None:
    if isinstance(error, OSError):
        return _full() if error.errno in _NO_ROOM else None
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, PoolTimeout):
        return _unusable()
    if hasattr(error, "sqlstate"):
        return _of_postgresql(error, error.sqlstate or "")
    return None


def _of_sqlite(error: sqlite3.Error) -> BriError | None:
    code = getattr(error, "sqlite_errorcode", None) or 0
    if code & _PRIMARY == sqlite3.SQLITE_FULL or code == _SHM_SIZE:
        return _full()
    if code & _PRIMARY in _DAMAGED or _NOT_TEXT in str(error):
        return _damaged()
    return _unusable() if code & _PRIMARY in _UNUSABLE else None


def _of_postgresql(error: BaseException, state: str) -> BriError | None:
    if state in _STATES_FULL:
        return _full()
    if state in _STATES_DAMAGED:
        return _damaged()
    # libpq says why it could not connect in words alone.
    lost = not state and type(error).__name__ in ("OperationalError", "ConnectionTimeout")
    return _unusable() if lost or state.startswith(_STATES_UNUSABLE) else None


def _full() -> StorageFull:
    return StorageFull("There is no room left on the disk, so nothing was stored.")


def _damaged() -> DatabaseDamaged:
    return DatabaseDamaged("The database is damaged, and its operator has to restore it.")


def _unusable() -> Unavailable:
    return Unavailable("The database cannot be used at the moment.")


def reason(error: BaseException) -> str:
    """What a database or the operating system said, in one line."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return " ".join(str(cause).split()) or type(cause).__name__


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a disk is free, in bytes."""

    free: int
    total: int

    @property
    def is_low(self) -> bool:
        """Whether somebody should make room soon."""
        share = min(self.total * LOW_SHARE, LOW_SHARE_BYTES)
        return self.free < max(LOW_BYTES, share)

    @property
    def is_gone(self) -> bool:
        """Whether nothing that matters can be written any more."""
        return self.free < NO_BYTES

    @property
    def words(self) -> str:
        """The free room in words."""
        return f"{self.free // MIB} MiB of {self.total // MIB} MiB are free"


def room(folder: Path) -> Room | None:
    """The room on the disk of a folder, None where the system does not say."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return Room(usage.free, usage.total)


def free(folder: Path) -> float:
    """The free room on the disk of a folder in bytes, for a measurement."""
    found = room(folder)
    return float(found.free) if found else float("nan")
