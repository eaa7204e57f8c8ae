"""What was revoked after a backup was made stays revoked when the backup is put back.

Rules:
- nobody is signed in after a restore: a session that ended since would be good again;
- where the folder that is replaced can still be read (`former`), what was revoked or ended in it is
  taken over: tokens, credentials of the broker, users and their passwords, limits on centres, and
  those who follow no more;
- where it cannot, everything that is valid again is counted and told, and can be ended at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, delete, func, inspect, select, update

from bri_cli.holdings import Holding, holdings
from bri_cli.outcome import NotBegun
from bri_kit import clock, database
from bri_kit.backup_database import SQLITE, kind

_SESSIONS = "desk_session"
_TAKEN_OVER: Mapping[str, tuple[str, Sequence[str]]] = {
    "token": ("hash", ["revoked_at"]),
    "admission": ("request", ["revoked_at"]),
    "desk_user": ("name", ["role", "password", "disabled_at"]),
    "centre": ("code", ["state"]),
}
"""Tables with what tells rows apart, and the columns that are taken over."""

_ENDED = {"alert_subscription": "id", "websub_feed": "id"}
"""Tables whose rows were ended where the former database has them no more."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What is valid again in one service's data."""

    name: str
    tokens: int
    credentials: int


def carry_over(each: Holding, address: str, former: Path | None, *, ends_all: bool) -> InForce:
    """Bring what was restored to the database at `address` to what was decided since, in the
    folder `former`; with `ends_all` no token and no credentials of a centre stay valid.

    Raises:
        NotBegun: `former` does not hold such data.
    """
    with _opened(address) as engine, engine.begin() as connection:
        tables = _tables(connection)
        if _SESSIONS in tables:
            connection.execute(delete(tables[_SESSIONS]))
        if former is not None:
            with _opened(_address_in(former, each)) as other, other.connect() as reader:
                _take_over(connection, tables, reader)
        if ends_all:
            for name in ("token", "admission"):
                if name in tables:
                    column = tables[name].c.revoked_at
                    ended = update(tables[name]).where(column.is_(None))
                    connection.execute(ended.values(revoked_at=clock.timestamp()))
        return InForce(
            each.name or f"the {each.schema.name}",
            _count_valid(connection, tables.get("token")),
            _count_valid(connection, tables.get("admission")),
        )


def _address_in(former: Path, each: Holding) -> str:
    found = {other.schema.name + other.name: other for other in holdings(former)}
    other = found.get(each.schema.name + each.name)
    if other is None or kind(other.address) != SQLITE:
        raise NotBegun(f"{former} holds no database of {each.name or each.schema.name!r}")
    return other.address


def _take_over(connection: Connection, tables: Mapping[str, Table], reader: Connection) -> None:
    others = _tables(reader)
    for name, (key, columns) in _TAKEN_OVER.items():
        if name in tables and name in others:
            mine, theirs = tables[name], others[name]
            wanted = [theirs.c[key], *(theirs.c[column] for column in columns)]
            for row in reader.execute(select(*wanted)):
                values = dict(zip(columns, row[1:], strict=True))
                connection.execute(update(mine).where(mine.c[key] == row[0]).values(values))
    for name, key in _ENDED.items():
        if name in tables and name in others:
            left = set(reader.execute(select(others[name].c[key])).scalars())
            mine = tables[name]
            for own in connection.execute(select(mine.c[key])).scalars().all():
                if own not in left:
                    connection.execute(delete(mine).where(mine.c[key] == own))


def _count_valid(connection: Connection, table: Table | None) -> int:
    if table is None:
        return 0
    expires, revoked = table.c.expires_at, table.c.revoked_at
    valid = revoked.is_(None) & (expires.is_(None) | (expires > clock.timestamp()))
    return connection.execute(select(func.count()).where(valid)).scalar_one()


def _tables(connection: Connection) -> Mapping[str, Table]:
    names = {_SESSIONS, *_TAKEN_OVER, *_ENDED} & set(inspect(connection).get_table_names())
    metadata = MetaData()
    metadata.reflect(connection, only=sorted(names))
    return metadata.tables


@contextmanager
def _opened(address: str) -> Iterator[Engine]:
    engine = database.connect(address)
    try:
        yield engine
    finally:
        engine.dispose()
