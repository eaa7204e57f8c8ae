"""The node's database as its parts share it: readers at any time, one writer at a time.

Rules:
- writers of this process queue here and not at SQLite, whose waiting is a sleep that grows;
- whoever waits for entries (relay, indexer) is told after the commit that wrote some;
- a data directory belongs to one centre for ever.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, select

from bri_kit import database, log
from bri_kit.database_health import Health, health_of
from bri_kit.migrations import migrate
from bri_kit.settings import told
from bri_kit.unusable import DatabaseUnusable
from bri_node.migrations import SCHEMA
from bri_node.tables import DeliveryRow, LogHead

FILE = "node.db"
URL_VARIABLE = "BRI_NODE_DATABASE_URL"
_WROTE_ENTRIES = "wrote_entries"


class ForeignData(DatabaseUnusable):
    """The data directory belongs to another centre."""


class Store:
    """A node's database. Its methods may be called from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def reading(self) -> AbstractContextManager[Session]:
        """A session that sees one state of the database and changes nothing."""
        return database.reading(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends, or undone by an error in it."""
        with self._writer, database.writing(self._engine) as session:
            yield session
        if session.info.get(_WROTE_ENTRIES):
            for listener in self._listeners:
                listener()

    def on_entries(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, in the writer's thread, after each commit that wrote entries."""
        self._listeners.append(listener)

    @property
    def health(self) -> Health:
        """Whether the database can be written, and is whole."""
        return health_of(self._engine)

    def close(self) -> None:
        """Close all connections."""
        self.health.end_check()
        self._engine.dispose()


def announce_entries(session: Session) -> None:
    """Have the listeners told once this session's work is committed."""
    session.info[_WROTE_ENTRIES] = True


def open_store(data: Path, centre: str, url: str | None = None) -> Store:
    """The store at the address `url`, in the data directory where that is empty; made and brought
    to today's schema where it is not. None is what the environment says, so that commands beside a
    running node find what it has.

    Raises:
        ForeignData: it belongs to another centre.
        bri_kit.unusable.DatabaseUnusable: it was written by newer software, or cannot be opened.
    """
    setting = told(URL_VARIABLE) if url is None else url
    engine = database.connect(database.address(setting, data / FILE, centre))
    try:
        migrate(engine, SCHEMA)
        _claim(engine, data, centre)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def _claim(engine: Engine, data: Path, centre: str) -> None:
    """Make a new database this centre's."""
    with database.writing(engine) as session:
        owner = session.exec(select(LogHead.centre)).one_or_none()
        if owner is None:
            session.add(LogHead(centre=centre, number=0, hash=log.GENESIS))
            session.add(DeliveryRow(centre=centre, sent=0, settled=0))
        elif owner != centre:
            where = "its database" if database.is_postgresql(engine) else data
            raise ForeignData(f"{where} belongs to the centre {owner!r}, not to {centre!r}")
