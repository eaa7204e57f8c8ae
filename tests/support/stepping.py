"""New databases get today's schema by the statements that made the first one of this process.

Alembic reads its revisions and writes their statements anew for each database, which takes longer
than most tests. What a database comes to hold is the same; the tests of the revisions themselves
do without this.
"""

from collections.abc import Callable
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import event, inspect
from sqlalchemy.engine import Connection

Upgrade = Callable[[Config, str], None]

_CHANGES = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")
_ALEMBIC: Upgrade = command.upgrade
_made: dict[tuple[str, ...], list[str]] = {}


def upgrade(config: Config, revision: str) -> None:
    """What `alembic.command.upgrade` does."""
    connection: Connection = config.attributes["connection"]
    place = str(config.get_main_option("script_location"))
    made = (place, revision, connection.dialect.name)
    if inspect(connection).get_table_names():
        _ALEMBIC(config, revision)
    elif made in _made:
        for statement in _made[made]:
            connection.exec_driver_sql(statement)
    else:
        _made[made] = _kept(connection, lambda: _ALEMBIC(config, revision))


def _kept(connection: Connection, work: Callable[[], None]) -> list[str]:
    """The statements by which `work` changes a database."""
    statements: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith(_CHANGES):
            assert not parameters, statement
            statements.append(statement)

    event.listen(connection, "before_cursor_execute", keep)
    try:
        work()
    finally:
        event.remove(connection, "before_cursor_execute", keep)
    return statements
