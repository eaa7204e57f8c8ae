"""Every step from one schema to the next, forth and back, with data, on both kinds of database."""

import importlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, Table, inspect, select

import bri_hub
import bri_node
from bri_hub.migrations import SCHEMA as HUB
from bri_hub.tables import HubTable
from bri_kit import database
from bri_kit.migrations import (
    FIRST,
    MigrationFailed,
    NewerDatabase,
    Schema,
    Stepped,
    UnknownRevision,
    migrate,
)
from bri_node.migrations import SCHEMA as NODE
from bri_node.tables import NodeTable
from tests.support import former, postgres

Rows = dict[str, list[tuple[Any, ...]]]
METADATA = {"hub": HubTable.metadata, "node": NodeTable.metadata}


@pytest.fixture(scope="module", autouse=True)
def _all_tables() -> None:
    """Every module that has tables is loaded, whoever uses it."""
    for package in (bri_hub, bri_node):
        [folder] = map(Path, package.__path__)
        for path in folder.rglob("*.py"):
            if "table=True" in path.read_text():
                name = path.relative_to(folder.parent).with_suffix("")
                importlib.import_module(".".join(name.parts))


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Makes empty databases of a kind."""
    made: list[Engine] = []

    def make() -> Engine:
        file = f"sqlite:///{tmp_path / f'{len(made)}.db'}"
        made.append(
            database.connect(
                file
                if request.param == "sqlite"
                else database.address(postgres.new_database(), tmp_path)
            )
        )
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


def rows(engine: Engine) -> Rows:
    """Everything in a database but its revision."""
    metadata = MetaData()
    with engine.connect() as connection:
        metadata.reflect(connection)
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(select(*_columns(table)))), key=repr
            )
            for table in metadata.sorted_tables
            if table.name != "alembic_version"
        }


def _columns(table: Table) -> list[Any]:
    return sorted(table.columns, key=lambda column: column.name)


SCHEMAS = [pytest.param(HUB, "hub/hub.db", id="hub"), pytest.param(NODE, "sco/node.db", id="node")]


@pytest.mark.parametrize(("schema", "_file"), SCHEMAS)
def test_the_last_step_leads_to_what_the_program_uses(
    new: Callable[[], Engine], schema: Schema, _file: str
) -> None:
    """An empty database that went through all steps is as the tables in the code say."""
    engine = new()
    assert migrate(engine, schema) == Stepped("", schema.head)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA[schema.name]) == []


@pytest.mark.parametrize(("schema", "file"), SCHEMAS)
def test_data_survives_every_step_forth_and_back(
    new: Callable[[], Engine], schema: Schema, file: str, tmp_path: Path
) -> None:
    """What version 1 wrote is all there after each step up, and after each step down again."""
    engine = new()
    migrate(engine, schema, FIRST)
    former.load(engine, former.unpack(tmp_path / "former") / file)
    before = rows(engine)
    assert before["entry"]
    for revision in schema.revisions[1:]:
        migrate(engine, schema, revision)
        assert _kept(rows(engine), before)
    for revision in reversed(schema.revisions[:-1]):
        migrate(engine, schema, revision)
    assert rows(engine) == before
    migrate(engine, schema)
    assert _kept(rows(engine), before)


def _kept(after: Rows, before: Rows) -> bool:
    """Whether every value that was there still is; tables may have got more columns."""
    return all(
        len(after[name]) == len(kept)
        and all(
            set(map(repr, old)) <= set(map(repr, new)) for old, new in _paired(after, before, name)
        )
        for name, kept in before.items()
    )


def _paired(after: Rows, before: Rows, name: str) -> Iterator[tuple[Any, Any]]:
    for old in before[name]:
        yield old, max(after[name], key=lambda new: len(set(map(repr, old)) & set(map(repr, new))))


@pytest.mark.parametrize(("schema", "file"), SCHEMAS)
def test_a_database_of_before_the_revisions_is_known(
    schema: Schema, file: str, tmp_path: Path
) -> None:
    """A file of version 1, which says nothing of revisions, is taken for the first and stepped."""
    engine = database.connect(f"sqlite:///{former.unpack(tmp_path / 'former') / file}")
    before = rows(engine)
    assert migrate(engine, schema) == Stepped(FIRST, schema.head)
    assert migrate(engine, schema) == Stepped(schema.head, schema.head)
    assert _kept(rows(engine), before)
    engine.dispose()


def test_a_newer_database_is_not_touched(new: Callable[[], Engine]) -> None:
    """A database of a revision from the future is refused in words, and stays as it was."""
    engine = new()
    migrate(engine, HUB)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = rows(engine)
    with pytest.raises(NewerDatabase, match="'9999', newer than this software"):
        migrate(engine, HUB)
    with pytest.raises(NewerDatabase):
        migrate(engine, HUB, FIRST)
    assert rows(engine) == before


def test_there_is_no_way_to_what_is_not_known(new: Callable[[], Engine]) -> None:
    """A revision that there is not is refused before anything is done."""
    engine = new()
    with pytest.raises(UnknownRevision, match="known are 0001"):
        migrate(engine, HUB, "7")
    assert rows(engine) == {}


BROKEN = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "9000", "{before}"
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("DELETE FROM entry")
    op.execute("UPDATE nothing SET there = 'is'")
def downgrade():
    pass
"""


def test_a_step_that_fails_leaves_everything_as_it_was(
    new: Callable[[], Engine], tmp_path: Path
) -> None:
    """Tables made and rows deleted before the failure are as before: of all steps, not of one."""
    engine = new()
    migrate(engine, HUB, FIRST)
    former.load(engine, former.unpack(tmp_path / "former") / "hub/hub.db")
    before = rows(engine)
    folder = shutil.copytree(HUB.folder, tmp_path / "steps")
    (folder / "versions" / "r9000_broken.py").write_text(BROKEN.format(before=HUB.head))
    with pytest.raises(MigrationFailed, match="from 0001 to 9000, and is as it was"):
        migrate(engine, Schema("hub", folder, HUB.mark))
    assert rows(engine) == before
    assert migrate(engine, HUB) == Stepped(FIRST, HUB.head)


def test_many_that_start_at_once_step_once(new: Callable[[], Engine]) -> None:
    """Of processes that open an old database together one steps, and none fails."""
    engine = new()
    migrate(engine, HUB, FIRST)
    addresses = [engine.url.render_as_string(hide_password=False)] * 4

    def open_it(address: str) -> Stepped:
        own = database.connect(address)
        try:
            return migrate(own, HUB)
        finally:
            own.dispose()

    with ThreadPoolExecutor(len(addresses)) as pool:
        done = list(pool.map(open_it, addresses))
    assert {each.after for each in done} == {HUB.head}
    with engine.connect() as connection:
        assert set(METADATA["hub"].tables) <= set(inspect(connection).get_table_names())


def test_what_is_no_database_is_told_in_a_line(tmp_path: Path) -> None:
    """A file of something else, and a server that does not answer, are a line of words each."""
    (tmp_path / "hub.db").write_bytes(b"broken" * 10_000)
    for address in (f"sqlite:///{tmp_path / 'hub.db'}", "postgresql+psycopg://x@127.0.0.1:1/x"):
        engine = database.connect(address)
        with pytest.raises(
            MigrationFailed, match=r"^the hub's database [^\n]*(cannot be opened|is damaged)[^\n]+$"
        ):
            migrate(engine, HUB)
        engine.dispose()


def test_version_1_has_no_revisions(tmp_path: Path) -> None:
    """The former data are what they are said to be."""
    data = former.unpack(tmp_path / "former")
    assert (data / "VERSION").read_text() == "1\n"
    with closing(sqlite3.connect(data / "sco/node.db")) as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert "entry" in found
    assert "alembic_version" not in found
