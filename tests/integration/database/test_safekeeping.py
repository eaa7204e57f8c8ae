"""Backups of what runs, put back elsewhere."""

import asyncio
import stat
from pathlib import Path

import pytest

from bri_cli import application, safekeeping
from bri_cli.outcome import DONE, NOT_BEGUN
from bri_hub.tables import open_database
from bri_kit import backup_database
from bri_node.store import open_store
from sco_platform.profile import PROFILE
from tests.integration.database.folders import names, on_files, restored
from tests.integration.node.running import RunningNode, log_of
from tests.integration.repair.pair import Pair
from tests.support.nats import NatsServer
from tests.support.waiting import eventually


@on_files
async def test_what_is_backed_up_while_it_is_written_goes_on_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A node publishes without pause while a backup is made; from the backup node and hub start on
    another folder, with another broker, and agree on every entry and on what comes next."""
    broker = NatsServer(tmp_path / "nats")
    broker.start()
    pair = Pair(
        RunningNode(PROFILE, tmp_path / "data/sco", broker.url), tmp_path / "data/hub", broker.url
    )
    await pair.node.start()
    await pair.admit()
    await pair.start_hub()
    writing = asyncio.create_task(_write(pair.node))
    file = tmp_path / "bri.backup"
    await eventually(pair.node.delivery, lambda report: report["accepted"] >= 5, seconds=40)
    await asyncio.to_thread(safekeeping.back_up, tmp_path / "data", file)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    written = (await pair.node.delivery())["written"]
    await pair.stop_hub()
    await pair.node.stop()
    broker.stop()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert restored(file, tmp_path / "elsewhere", capsys) == (DONE, "")
    await _goes_on(tmp_path, written)


async def _goes_on(tmp_path: Path, written: int) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert stat.S_IMODE((elsewhere / "sco/key").stat().st_mode) == 0o600
    assert (elsewhere / "sco/key").read_bytes() == (tmp_path / "data/sco/key").read_bytes()
    broker = NatsServer(tmp_path / "other-nats")
    broker.start()
    node = RunningNode(PROFILE, elsewhere / "sco", broker.url)
    other = Pair(node, elsewhere / "hub", broker.url)
    await node.start()
    await other.start_hub()
    count = len([each async for each in log_of(node.reader)])
    assert 5 <= count <= written
    await node.publish()
    await other.same(count + 1)
    await other.stop_hub()
    await node.stop()
    broker.stop()


async def _write(node: RunningNode) -> None:
    while True:
        await node.publish()


@on_files
def test_all_that_cannot_be_made_anew_is_in_it(
    data: Path, backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Databases, keys, the version and other small files come back; indexes and logs do not."""
    (data / "sco" / "index").mkdir()
    (data / "sco" / "index" / "meta.json").write_text("{}")
    (data / "sco" / "hub.creds").write_text("secret")
    (data / "sco" / "hub.creds").chmod(0o600)
    file = tmp_path / "second.backup"
    assert application.call(["backup", "--data", str(data), str(file)]) == DONE
    target = tmp_path / "new" / "place"
    assert restored(file, target, capsys) == (DONE, "")
    assert names(target) == {
        *("VERSION", "samples-loaded", "hub", "hub/hub.db", "sco", "sco/node.db", "sco/key"),
        *("sco/hub.creds", "asean", "asean/node.db", "asean/key"),
    }
    assert stat.S_IMODE((target / "sco/hub.creds").stat().st_mode) == 0o600
    open_store(target / "sco", "sco").close()
    open_database(target / "hub").dispose()


@on_files
def test_one_service_alone_is_backed_up(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder of a node, or of the hub, is enough."""
    for name, database in (("sco", "node.db"), ("hub", "hub.db")):
        file, target = tmp_path / f"{name}.backup", tmp_path / f"new-{name}"
        assert application.call(["backup", "--data", str(data / name), str(file)]) == DONE
        assert restored(file, target, capsys) == (DONE, "")
        assert database in names(target)


@on_files
def test_nothing_is_overwritten(
    data: Path, backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a file by a backup, nor a folder by what is restored."""
    before = backup.read_bytes()
    assert application.call(["backup", "--data", str(data), str(backup)]) == NOT_BEGUN
    assert backup.read_bytes() == before
    status, line = restored(backup, data, capsys)
    assert (status, "is not empty" in line) == (NOT_BEGUN, True)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert restored(backup, empty, capsys) == (DONE, "")


@on_files
def test_where_there_is_nothing_nothing_is_backed_up(tmp_path: Path) -> None:
    """No folder, and a folder of something else: exit status 2, and no file."""
    file = tmp_path / "bri.backup"
    for folder in (tmp_path / "nowhere", tmp_path):
        assert application.call(["backup", "--data", str(folder), str(file)]) == NOT_BEGUN
    assert not file.exists()


def test_a_key_that_changes_meanwhile_is_copied_with_its_database(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the key is another one after the database was copied, both are copied again."""
    save, times = backup_database.save, []

    def save_and_change(address: str, target: Path) -> None:
        save(address, target)
        times.append(target)
        if len(times) == 1:
            (data / "sco" / "key").write_bytes(bytes(range(32)))

    monkeypatch.setattr(backup_database, "save", save_and_change)
    file, target = tmp_path / "bri.backup", tmp_path / "new"
    safekeeping.back_up(data / "sco", file)
    safekeeping.restore(file, target)
    assert len(times) == 2
    assert (target / "key").read_bytes() == bytes(range(32))
