"""Whether a database can be written and is whole, by its own errors and a check at the start.

Rules:
- every error of the database is seen here, whoever catches it; no request asks for a check;
- it is full from the first write that found no room until a write succeeds;
- it is damaged from the first damaged page that was met until the process ends: what was met once
  is there for others too, and putting a backup in its place needs a restart anyway;
- the check reads a SQLite file for CHECK_SECONDS at most, beside everything else.
"""

import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Engine, event, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import ExceptionContext

from bri_kit import clock, metrics, storage
from bri_kit.errors import DatabaseDamaged, StorageFull

CHECK_SECONDS = 20.0
_STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the clock."""

logger = structlog.get_logger()


class Health:
    """What is known of one database. May be used from any thread."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        is_file = parsed.get_backend_name() == "sqlite" and parsed.database
        self.file = Path(str(parsed.database)) if is_file else None
        self.remedy = "restore it from a backup"
        """What its operator is to do where it is damaged."""
        self.full_since = ""
        self.damaged_since = ""
        self.damage = ""
        self._stopped = threading.Event()
        self._check: threading.Thread | None = None

    def hear(self, error: BaseException) -> None:
        """Take in an error of the database."""
        fact = storage.explain(error)
        if isinstance(fact, StorageFull) and not self.full_since:
            self.full_since = clock.timestamp()
            metrics.DATABASE_FULL.set(1)
            logger.error("database.full", database=self.name, reason=storage.reason(error))
        if isinstance(fact, DatabaseDamaged):
            self.note_damage(storage.reason(error))

    def note_damage(self, damage: str) -> None:
        """Keep that the database is damaged."""
        if not self.damaged_since:
            self.damaged_since, self.damage = clock.timestamp(), damage
            metrics.DATABASE_DAMAGED.set(1)
            logger.error("database.damaged", database=self.name, damage=damage, to_do=self.remedy)

    def wrote(self) -> None:
        """Take in that something was stored."""
        if self.full_since and not self._is_disk_full():
            self.full_since = ""
            metrics.DATABASE_FULL.set(0)
            logger.warning("database.writable", database=self.name)

    def _is_disk_full(self) -> bool:
        """What is small may still fit where a disk is full: into the log that is there already."""
        room = storage.room(self.file.parent) if self.file else None
        return room is not None and room.is_gone

    @property
    def name(self) -> str:
        """The file, or what else it is."""
        return str(self.file or "PostgreSQL")

    @property
    def problem(self) -> str | None:
        """Why it cannot serve readers, and what to do; None where it can."""
        if not self.damaged_since:
            return None
        name = self.file.name if self.file else "at PostgreSQL"
        return f"the database {name} is damaged ({self.damage}): {self.remedy}"

    def remark(self, folder: Path) -> str | None:
        """What is to be said of the room for the data in `folder`; None where there is enough."""
        room = storage.room(folder)
        free = f" ({room.words})" if room else ""
        if self.full_since:
            return f"nothing can be stored since {self.full_since}: there is no room{free}"
        if room and room.is_gone:
            return f"nothing can be stored: the disk is full{free}"
        if room and room.is_low:
            return f"the disk is nearly full{free}"
        return None

    def document(self, folder: Path) -> dict[str, Any]:
        """The same for programs: `state` is ok, low, full or damaged, `since` when, if known."""
        room = storage.room(folder)
        state, since = "ok", ""
        if self.damaged_since:
            state, since = "damaged", self.damaged_since
        elif self.full_since or (room and room.is_gone):
            state, since = "full", self.full_since
        elif room and room.is_low:
            state = "low"
        return {"state": state, "since": since or None, "free_bytes": room.free if room else None}

    def begin_check(self) -> None:
        """Look through a SQLite file, in a thread of its own. PostgreSQL checks what it reads."""
        if self.file is not None:
            self._check = threading.Thread(target=self._examine, args=(self.file,), daemon=True)
            self._check.start()

    def end_check(self) -> None:
        """Returns once nothing is looked through any more."""
        self._stopped.set()
        if self._check is not None:
            self._check.join()

    def _examine(self, file: Path) -> None:
        with suppress(sqlite3.Error, OSError):
            if damage := examine(file, CHECK_SECONDS, self._stopped):
                self.note_damage(damage)


def examine(file: Path, seconds: float, stopped: threading.Event | None = None) -> str:
    """What is wrong with the pages of a SQLite file; empty where nothing was found until the time
    was over, or until `stopped`.

    Raises:
        sqlite3.Error: it cannot be looked at, because somebody holds its lock, say.
    """
    deadline = time.monotonic() + seconds

    def is_over() -> bool:
        return time.monotonic() > deadline or (stopped is not None and stopped.is_set())

    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            connection.set_progress_handler(is_over, _STEPS)
            [answer] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        if isinstance(storage.explain(error), DatabaseDamaged):
            return storage.reason(error)
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return ""
        raise
    return "" if answer == "ok" else " ".join(str(answer).split())


_KNOWN: "WeakKeyDictionary[Dialect, Health]" = WeakKeyDictionary()


def watch(engine: Engine) -> None:
    """Keep the health of a new engine."""
    health = _KNOWN[engine.dialect] = Health(engine.url.render_as_string(hide_password=True))

    def hear(context: ExceptionContext) -> None:
        health.hear(context.original_exception)

    event.listen(engine, "handle_error", hear)


def health_of(engine: Engine) -> Health:
    """The health of the database of an engine that `database.connect` made."""
    return _KNOWN[engine.dialect]
