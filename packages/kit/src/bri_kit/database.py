"""Databases: SQLite by default, PostgreSQL by its address; one engine a process.

The same rules hold on both:
- one session writes at a time, in whatever process: it takes SQLite's write lock when it begins
  (BEGIN IMMEDIATE), or a lock of the whole database at PostgreSQL, so it never fails half way
  because another became the writer first, and what it read is still so when it commits;
- readers never wait, and see one state of the database;
- commits reach the disk before they return: a centre's log must not forget what it has signed;
- text is ordered by its code points, so that digests of lists are the same everywhere;
- what the database complains of is kept (`database_health`), whoever catches it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Engine, Integer, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlmodel import AutoString, Session

from bri_kit.database_health import health_of, watch
from bri_kit.unusable import DatabaseUnusable

WIDE = Integer().with_variant(BigInteger(), "postgresql")
"""Integers of 32 bits without a sign, such as revisions; SQLite's have 64 bits in any case."""

POOLED = 10
"""Connections that a process keeps at PostgreSQL; twice as many for a moment."""

_SQLITE_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 10000",
    "PRAGMA cache_size = -8192",
    "PRAGMA journal_size_limit = 67108864",
)

_POSTGRESQL_OPTIONS = "-c lock_timeout=10000 -c synchronous_commit=on -c timezone=UTC"
# Where the server was built with LZ4: signed bytes are large, and are stored twice as fast with it.
_TAKE_LZ4 = (
    "SELECT set_config(name, 'lz4', false) FROM pg_settings"
    " WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
)
_WRITER = 0x627269  # "bri"; locks of a number are a database's own


class AddressUnusable(DatabaseUnusable):
    """The setting is not the address of a SQLite file or a PostgreSQL database."""


@compiles(AutoString, "postgresql")
def _order_by_code_points(_type: AutoString, _compiler: Any, **_options: Any) -> str:
    return 'VARCHAR COLLATE "C"'


def sqlite_url(path: Path) -> str:
    """The address of a database file, whose folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{path}"


def address(setting: str, path: Path, centre: str = "") -> str:
    """The address that a setting tells, or that of the file `path` where it tells none. `{centre}`
    in it stands for the centre's code, so that several can share a setting.

    Raises:
        AddressUnusable: it is an address of something else.
    """
    if not setting:
        return sqlite_url(path)
    try:
        url = make_url(setting.replace("{centre}", centre.replace("-", "_")))
    except ArgumentError:
        raise AddressUnusable("a database's address cannot be read") from None
    kind = url.get_backend_name()
    if kind == "postgres" or (kind == "postgresql" and url.drivername == kind):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise AddressUnusable(f"databases of the kind {url.drivername!r} cannot be used")
    return url.render_as_string(hide_password=False)


def connect(url: str) -> Engine:
    """The engine for a database address, with what this module's rules ask of each kind."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        watch(engine)
        return engine
    engine = create_engine(
        url,
        poolclass=_Pool,
        pool_pre_ping=True,
        pool_size=POOLED,
        max_overflow=POOLED,
        connect_args={"connect_timeout": 10, "options": _options(url)},
    )
    event.listen(engine, "connect", _configure_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    watch(engine)
    return engine


class _Pool(QueuePool):
    """Closes what a thread gives back after the pool's end: nobody will take it again. The end is
    noted before the idle are closed, and looked for after one more became idle: whichever comes
    first, one of the two closes it."""

    _ended = False

    def dispose(self) -> None:
        self._ended = True
        super().dispose()

    def recreate(self) -> "_Pool":
        pool = super().recreate()
        assert isinstance(pool, _Pool)
        pool._ended = self._ended
        return pool

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        if self._ended:
            super().dispose()


def _options(url: str) -> str:
    told = make_url(url).query.get("options", "")
    return " ".join([*([told] if isinstance(told, str) else told), _POSTGRESQL_OPTIONS])


def is_postgresql(engine: Engine | Connection) -> bool:
    """Whether this is a PostgreSQL database."""
    return engine.dialect.name == "postgresql"


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not by guess
    cursor = connection.cursor()
    for setting in _SQLITE_SETTINGS:
        cursor.execute(setting)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _configure_postgresql(connection: Any, _record: Any) -> None:
    from psycopg.types.string import StrDumper

    class WithoutNul(StrDumper):
        """PostgreSQL keeps no NUL: what asks for one finds nothing, what brings one is marked."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    connection.adapters.register_dumper(str, WithoutNul)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_LZ4)
    connection.commit()


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one state of the database and changes nothing."""
    if is_postgresql(engine):
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end, or undone where an error leaves it."""
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        yield session
    health_of(engine).wrote()
