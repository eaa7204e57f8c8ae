"""What `bri doctor` finds in databases and files, and what `bri status` says of storage."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bri_cli.checkup import Level
from bri_cli.dashboard import storage_line
from bri_cli.datacheck import examine_data
from bri_cli.layout import Layout
from tests.support.damage import overwrite


def a_database(file: Path) -> None:
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE record (id)")
        connection.execute("INSERT INTO record VALUES (1)")
        connection.commit()
    file.chmod(0o600)


def test_a_damaged_database_is_found_with_what_to_do(tmp_path: Path) -> None:
    """At the hub it may be deleted, at a node it must not: each says so."""
    for name in ("hub/hub.db", "sco/node.db", "asean/node.db"):
        a_database(tmp_path / name)
    for name in ("hub/hub.db", "sco/node.db"):
        overwrite(tmp_path / name, "record")
    found = {each.name: each for each in examine_data(Layout(tmp_path))}
    assert found["asean/node.db"].level is Level.OK
    hub, node = found["hub/hub.db"], found["sco/node.db"]
    assert hub.level is node.level is Level.FAIL
    assert "delete hub.db" in hub.hint
    assert "do not delete" in node.hint
    assert str(tmp_path / "sco" / "node.db") in node.detail


def test_what_others_can_read_is_found(tmp_path: Path) -> None:
    """Keys, credentials and databases."""
    a_database(tmp_path / "sco" / "node.db")
    (tmp_path / "sco" / "key").write_bytes(b"k" * 32)
    (tmp_path / "sco" / "key").chmod(0o644)
    [modes] = [each for each in examine_data(Layout(tmp_path)) if each.name == "modes"]
    assert modes.level is Level.WARN
    assert str(tmp_path / "sco" / "key") in modes.hint
    assert "node.db" not in modes.hint


def test_storage_is_told_where_there_is_something_to_tell() -> None:
    """State, since when, and how many entries of whom wait."""
    centres = [{"code": "sco", "unstored": 12}, {"code": "asean", "unstored": 0}]
    storage = {"state": "full", "since": "2026-11-22T08:00:00Z", "free_bytes": 0}
    line = storage_line({"storage": storage, "centres": centres})
    assert line == "storage: full since 2026-11-22T08:00:00Z, 0 MiB free, not stored yet: sco 12"
    assert storage_line({"storage": {"state": "ok"}, "centres": [{"code": "sco"}]}) == ""
    assert storage_line({"centres": [{"code": "sco"}]}) == ""
