"""The data folder of `bri up` as version 1 of this software left it.

`version-1.tar.xz` was made by that version itself: the samples of two centres, a retraction, a
draft, a revision that was not published, an answer kept for a repeated request, and tokens.

That version kept its databases in files. Whoever moves them to PostgreSQL brings schema and rows of
version 1 there, and has this version step them.
"""

import os
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, func, insert, select
from sqlalchemy.engine import Connection

from bri_hub.migrations import SCHEMA as HUB
from bri_kit import database
from bri_kit.migrations import FIRST, migrate
from bri_node.migrations import SCHEMA as NODE
from tests.support import postgres

_ARCHIVE = Path(__file__).parents[1] / "data" / "version-1.tar.xz"


def unpack(folder: Path) -> Path:
    """Lay it out in `folder`, which is answered."""
    folder.mkdir(parents=True)
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


def unpack_served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, its databases on the kind of database that the tests run on: at PostgreSQL, where
    services and commands are told so as operators do."""
    data = unpack(folder)
    if not postgres.is_wanted():
        return data
    prefix = f"former_{time.time_ns()}"
    monkeypatch.setenv("BRI_HUB_DATABASE_URL", f"{postgres.server()}{prefix}_hub")
    monkeypatch.setenv("BRI_NODE_DATABASE_URL", f"{postgres.server()}{prefix}_{{centre}}")
    monkeypatch.setenv("PATH", str(postgres.programs()), prepend=":")
    for path in (data / "hub/hub.db", data / "asean/node.db", data / "sco/node.db"):
        postgres.new_database(f"{prefix}_{path.parent.name}")
        engine = database_of(path)
        migrate(engine, HUB if path.name == "hub.db" else NODE, FIRST)
        load(engine, path)
        engine.dispose()
        path.unlink()
    return data


def database_of(path: Path) -> Engine:
    """The database that services find for the file `path`."""
    variable = f"BRI_{'HUB' if path.name == 'hub.db' else 'NODE'}_DATABASE_URL"
    setting = os.environ.get(variable, "")
    return database.connect(database.address(setting, path, path.parent.name))


def load(engine: Engine, file: Path) -> None:
    """Copy all rows of version 1's database in `file` to a database of its schema."""
    source = database.connect(f"sqlite:///{file}")
    metadata = MetaData()
    with source.connect() as old, engine.begin() as connection:
        metadata.reflect(connection)
        for table in metadata.sorted_tables:
            if table.name == "alembic_version":
                continue
            if kept := [dict(row) for row in old.execute(select(table)).mappings()]:
                connection.execute(insert(table), kept)
                if database.is_postgresql(engine):
                    _count_on(connection, table)
    source.dispose()


def _count_on(connection: Connection, table: Table) -> None:
    """Have numbers that PostgreSQL gives out go on behind those that were brought."""
    for column in table.primary_key.columns:
        if column.autoincrement is True or column.server_default is not None or column.identity:
            sequence: Any = func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(
                select(func.setval(sequence, select(func.max(column)).scalar_subquery()))
            )
