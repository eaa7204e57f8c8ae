"""Backups that were damaged, are of newer software, or find no room: a line, and nothing left."""

import gzip
import hashlib
import io
import json
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bri_cli import application
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN
from tests.integration.database.folders import names, on_files, restored


def _cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def _flip(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]


def _repacked(
    change: Callable[[str, bytes], bytes | None], extra: str = ""
) -> Callable[[bytes], bytes]:
    """A tar file that is whole, of members that were changed."""

    def repack(whole: bytes) -> bytes:
        made = io.BytesIO()
        with (
            tarfile.open(fileobj=io.BytesIO(whole), mode="r:gz") as old,
            tarfile.open(fileobj=made, mode="w:gz") as new,
        ):
            for member in old:
                source = old.extractfile(member)
                data = change(member.name, source.read() if source else b"")
                if data is not None:
                    member.size = len(data)
                    new.addfile(member, io.BytesIO(data))
            if extra:
                new.addfile(tarfile.TarInfo(extra), io.BytesIO())
        return made.getvalue()

    return repack


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _whole: b"",
    "something else": lambda _whole: b"PK\3\4" + bytes(1000),
    "another archive": lambda _whole: gzip.compress(bytes(10_240)),
    "cut": _cut,
    "its end is missing": lambda whole: whole[:-9],
    "one bit": _flip,
    "a key was changed": _repacked(lambda name, data: bytes(32) if name == "sco/key" else data),
    "a file is missing": _repacked(lambda name, data: None if name == "sco/key" else data),
    "a file too many": _repacked(lambda _name, data: data, extra="../../outside"),
    "its list was changed": _repacked(
        lambda name, data: data.replace(b'"sco', b'"../') if name == "contents.json" else data
    ),
}


@on_files
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_and_nothing_is_left(
    damage: str, backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever was done to the file: one line, exit status 2, no folder, nothing outside it."""
    backup.write_bytes(DAMAGES[damage](backup.read_bytes()))
    before = names(tmp_path)
    status, line = restored(backup, tmp_path / "new", capsys)
    assert status == NOT_BEGUN
    assert "is no backup, or is damaged" in line
    assert line.count("\n") == 1
    assert names(tmp_path) == before


def _newer(key: str, value: object) -> Callable[[str, bytes], bytes]:
    kept: dict[str, bytes] = {}

    def change(name: str, data: bytes) -> bytes:
        if name == "contents.json":
            contents = json.loads(data)
            if key == "revision":
                contents["holds"][0][key] = value
            else:
                contents[key] = value
            kept["contents"] = json.dumps(contents).encode()
            return kept["contents"]
        if name == "contents.sha256":
            return hashlib.sha256(kept["contents"]).hexdigest().encode()
        return data

    return change


@on_files
@pytest.mark.parametrize(("key", "value"), [("format", 2), ("version", "3"), ("revision", "9999")])
def test_a_newer_backup_is_refused(
    key: str, value: object, backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A backup of newer software, whole as it is, is not put back by this one."""
    backup.write_bytes(_repacked(_newer(key, value))(backup.read_bytes()))
    status, line = restored(backup, tmp_path / "new", capsys)
    assert (status, "newer" in line) == (NOT_BEGUN, True)
    assert not (tmp_path / "new").exists()


@on_files
def test_a_full_disk_is_told_and_leaves_nothing(data: Path, tmp_path: Path) -> None:
    """A backup that cannot be written whole leaves no file at all, neither under its name nor
    under another; restoring where there is no room leaves no folder."""
    whole = tmp_path / "whole.backup"
    assert application.call(["backup", "--data", str(data), str(whole)]) == DONE
    for number in range(3):
        (data / "sco" / f"large-{number}").write_bytes(random.randbytes(300_000))
    before = names(tmp_path)
    for room in (40_000, 500_000):  # within the copy of a database; within the file itself
        done = _with_room(room, "backup", str(tmp_path / "bri.backup"), "--data", str(data))
        assert done.returncode == NEGATIVE, done.stderr
        assert done.stderr.startswith("bri: no backup was made: ")
        assert done.stderr.count("\n") == 1
    done = _with_room(100_000, "restore", str(whole), "--data", str(tmp_path / "new"))
    assert done.returncode == NEGATIVE, done.stderr
    assert done.stderr.startswith("bri: nothing was restored to ")
    assert names(tmp_path) == before


def _with_room(room: int, *words: str) -> subprocess.CompletedProcess[str]:
    """`bri` in a process that can write files of at most `room` bytes. It sets the limit itself: a
    `preexec_fn` would run the fork handlers of gRPC, which write to standard error."""
    limit = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))"
    program = f"import resource; {limit}; from bri_cli.main import run; run()"
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)
