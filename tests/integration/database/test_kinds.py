"""The rules of `bri_kit.database`, which hold on SQLite and on PostgreSQL alike."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, col

from bri_hub.repository import catalogue, journal
from bri_hub.repository.journal import RecordRow
from bri_hub.tables import Record, Refusal, open_database
from bri_kit import database
from bri_node.store import ForeignData, open_store
from tests.support import postgres

BEYOND_32_BITS = 4_294_967_295


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """The hub's database."""
    file = f"sqlite:///{tmp_path / 'hub.db'}"
    url = file if request.param == "sqlite" else postgres.new_database()
    engine = open_database(tmp_path, url)
    yield engine
    engine.dispose()


def a_record(record_id: str, change: int, revision: int = 1) -> RecordRow:
    return RecordRow(
        record_id, "sco", revision, "published", "news", change, change, "2026", "2026"
    )


def put(session: Session, *rows: RecordRow) -> None:
    journal.put_records(session, rows)


def test_text_is_ordered_by_code_points(hub: Engine) -> None:
    """Upper case before lower, Latin before Cyrillic before Han, wherever the server stands:
    digests of lists in this order are compared between databases."""
    ids = ["b", "B", "a", "é", "z", "я", "Я", "废", "-", "_a", "a-b", "aB"]
    with database.writing(hub) as session:
        put(session, *(a_record(each, number) for number, each in enumerate(ids)))
    with database.reading(hub) as session:
        found = session.scalars(select(col(Record.id)).order_by(col(Record.id))).all()
    assert list(found) == sorted(ids)


def test_a_revision_may_have_all_32_bits(hub: Engine) -> None:
    """What a centre can sign, the hub can keep, and go on."""
    with database.writing(hub) as session:
        put(session, a_record("sco:1", 1, BEYOND_32_BITS))
    with database.reading(hub) as session:
        assert journal.records(session, ["sco:1"])["sco:1"].revision == BEYOND_32_BITS


def test_what_is_asked_for_with_a_nul_is_not_found(hub: Engine) -> None:
    """PostgreSQL has no such text; a question with it has an answer all the same."""
    with database.reading(hub) as session:
        assert catalogue.find_record(session, "sco:\0") is None


def test_a_nul_that_comes_along_does_not_stop_the_others(hub: Engine) -> None:
    """A row whose text has one is kept; ingest never stands still for it."""
    row = journal.RefusalRow("s\0o", "2026", "SignatureMismatch", b"\0\1", 2, b"\0\xff")
    with database.writing(hub) as session:
        journal.add_refusals(session, [row])
    with database.reading(hub) as session:
        [kept] = session.scalars(select(Refusal)).all()
        assert (kept.hash, kept.beginning) == (b"\0\1", b"\0\xff")
        assert kept.centre in ("s\0o", "s\ufffdo")


def test_a_reader_sees_one_state(hub: Engine) -> None:
    """What is committed while it reads, it does not see; the next one does."""
    with database.reading(hub) as session:
        assert journal.last_change(session) == 0
        with database.writing(hub) as other:
            put(other, a_record("sco:1", 1))
        assert journal.last_change(session) == 0
    with database.reading(hub) as session:
        assert journal.last_change(session) == 1


def test_one_writes_at_a_time(hub: Engine) -> None:
    """Writers that read the head and go on from it never use a number twice."""

    def lengthen(name: str) -> None:
        for number in range(10):
            with database.writing(hub) as session:
                put(session, a_record(f"{name}:{number}", journal.last_change(session) + 1))

    writers = [threading.Thread(target=lengthen, args=(str(each),)) for each in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.reading(hub) as session:
        changes = session.scalars(select(col(Record.change)).order_by(col(Record.change))).all()
    assert list(changes) == list(range(1, 41))


def test_what_fails_half_way_was_never_there(hub: Engine) -> None:
    """An error in the block undoes all that the block did."""

    def fail_half_way() -> None:
        with database.writing(hub) as session:
            put(session, a_record("sco:1", 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.reading(hub) as session:
        assert journal.last_change(session) == 0


def test_a_connection_that_comes_back_late_is_closed(hub: Engine) -> None:
    """A thread that was still reading when the engine ended leaves nothing open."""
    connection = hub.connect()
    raw = connection.connection.dbapi_connection
    hub.dispose()
    connection.close()
    if database.is_postgresql(hub):
        assert raw is not None
        assert raw.closed


def test_a_connection_that_comes_back_meanwhile_is_closed(
    hub: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that ends its reading just after the idle connections were closed leaves nothing
    open either."""
    connection = hub.connect()
    raw = connection.connection.dbapi_connection
    close_the_idle = QueuePool.dispose

    def close_and_be_late(pool: QueuePool) -> None:
        close_the_idle(pool)
        connection.close()

    monkeypatch.setattr(QueuePool, "dispose", close_and_be_late)
    hub.dispose()
    if database.is_postgresql(hub):
        assert raw is not None
        assert raw.closed


def test_a_database_belongs_to_one_centre(tmp_path: Path) -> None:
    """Two nodes that were given the same database by mistake do not write two logs into it."""
    url = postgres.new_database()
    open_store(tmp_path / "sco", "sco", url).close()
    open_store(tmp_path / "elsewhere", "sco", url).close()
    with pytest.raises(ForeignData, match="belongs to the centre 'sco', not to 'asean'"):
        open_store(tmp_path / "asean", "asean", url)


def test_centres_of_one_setting_have_databases_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment says is taken where nothing else is said."""
    postgres.new_database("one_kz_igtic")
    postgres.new_database("one_sco")
    monkeypatch.setenv("BRI_NODE_DATABASE_URL", f"{postgres.server()}one_{{centre}}")
    for code in ("kz-igtic", "sco"):
        open_store(tmp_path / code, code).close()
        open_store(tmp_path / code, code).close()
    assert not list(tmp_path.glob("*/*.db"))


def test_large_rows_are_kept(hub: Engine) -> None:
    """Bytes of the size of a large record come back as they were."""
    blob = bytes(range(256)) * 16_384
    row = {"centre": "sco", "at": "2026", "fault": "x", "hash": b"", "size": 1, "beginning": blob}
    with database.writing(hub) as session:
        session.connection().execute(insert(Refusal.__table__), [row])
    with database.reading(hub) as session:
        assert session.scalars(select(col(Refusal.beginning))).one() == blob


@pytest.mark.parametrize(("module", "prefix"), [("bri_hub", "HUB"), ("sco_platform", "NODE")])
def test_a_service_uses_the_database_that_it_is_told_and_refuses_a_newer_one(
    module: str, prefix: str, tmp_path: Path
) -> None:
    """One line on standard error, exit status 2, no password in it, and nothing written."""
    url = postgres.new_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    told = {f"BRI_{prefix}_DATABASE_URL": url.replace("bri@", "bri:secret@")}
    done = subprocess.run(
        [sys.executable, "-m", module],
        env={**os.environ, f"BRI_{prefix}_DATA": str(tmp_path), **told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("not started: the ")
    assert "newer than this software" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr
    assert not list(tmp_path.iterdir())
