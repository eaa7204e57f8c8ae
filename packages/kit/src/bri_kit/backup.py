"""Backups: one compressed tar file that says what it holds, and by which any change to it is seen.

Rules:
- a backup is made beside its place under another name and appears whole, on disk, or not at all;
- it holds private keys, so that only its owner may read it;
- its first member lists all others with their sizes and SHA-256, the second is the first's SHA-256;
- nothing is unpacked that is not listed, and nothing is used before everything was compared.
"""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FORMAT = 1
_CONTENTS, _DIGEST = "contents.json", "contents.sha256"
_MAX_CONTENTS = 16 * 1024 * 1024
_NAME = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*")
_COMPRESSION = 3
_BLOCK = 1024 * 1024
_DAMAGE = (
    tarfile.TarError,
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    ValueError,
    KeyError,
    TypeError,
)


class BackupFailed(Exception):
    """No backup was made; the message says why."""


class BackupUnusable(Exception):
    """The file is no backup, is damaged, or is of newer software."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file as it is called in the backup, and where it is now."""

    name: str
    path: Path


@contextmanager
def stage(target: Path) -> Iterator[Path]:
    """A folder beside `target` that is gone afterwards. Raises BackupFailed where it cannot be."""
    folder = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise BackupFailed(_told(target.parent, error)) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pack(target: Path, folder: Path, parts: Sequence[Part], about: Mapping[str, Any]) -> None:
    """Write `parts` and what there is to say `about` them to `target`, by way of `folder`.

    Raises:
        BackupFailed: the disk is full, say; there is nothing at `target` then.
    """
    made = folder / "made"
    try:
        contents = {"format": FORMAT, **about, "files": [_listed(part) for part in parts]}
        with _create(made) as file:
            _write(file, json.dumps(contents, indent=1).encode(), parts)
            file.flush()
            os.fsync(file.fileno())
        _appear(made, target)
    except OSError as error:
        raise BackupFailed(_told(target, error)) from None


def _create(path: Path) -> IO[bytes]:
    """A new file that its owner alone may read, from the first moment."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _listed(part: Part) -> dict[str, Any]:
    with part.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    stat = part.path.stat()
    mode = stat.st_mode & 0o700
    return {"name": part.name, "size": stat.st_size, "mode": mode, "sha256": digest}


def _write(file: IO[bytes], contents: bytes, parts: Sequence[Part]) -> None:
    digest = hashlib.sha256(contents).hexdigest().encode()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=_COMPRESSION) as archive:
        for name, data in ((_CONTENTS, contents), (_DIGEST, digest)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for part in parts:
            with part.path.open("rb") as source:
                member = tarfile.TarInfo(part.name)
                member.size = part.path.stat().st_size
                archive.addfile(member, source)


def _appear(made: Path, target: Path) -> None:
    """Give a whole file its name, unless something has it."""
    os.link(made, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Write what the backup `source` holds into `folder`, all of it compared; answers what it says
    about itself, `files` among it.

    Raises:
        BackupUnusable: it is no backup, is damaged, or of newer software.
        OSError: `folder` cannot be written.
    """
    try:
        with gzip.open(source) as file, tarfile.open(fileobj=file, mode="r|") as archive:
            contents = _unpack(archive, folder)
            while file.read(_BLOCK):  # to the end, where the checksum of all of it stands
                pass
    except FileNotFoundError:
        raise BackupUnusable(f"there is no file {source}") from None
    except _DAMAGE as error:
        raise BackupUnusable(f"{source} is no backup, or is damaged: {error}") from None
    return contents


def _unpack(archive: tarfile.TarFile, folder: Path) -> dict[str, Any]:
    members = iter(archive)
    contents = _read_contents(archive, members)
    for listed in contents["files"]:
        member = next(members, None)
        if member is None or member.name != listed["name"] or not member.isreg():
            raise ValueError(f"{listed['name']} is not where it should be")
        _extract(archive, member, listed, folder)
    if next(members, None) is not None:
        raise ValueError("it holds more than it lists")
    return contents


def _read_contents(archive: tarfile.TarFile, members: Iterator[tarfile.TarInfo]) -> dict[str, Any]:
    found = []
    for name in (_CONTENTS, _DIGEST):
        member = next(members, None)
        if member is None or member.name != name or member.size > _MAX_CONTENTS:
            raise ValueError("it does not say what it holds")
        opened = archive.extractfile(member)
        found.append(opened.read() if opened else b"")
    if hashlib.sha256(found[0]).hexdigest().encode() != found[1]:
        raise ValueError("what it says of itself was changed")
    contents: dict[str, Any] = json.loads(found[0])
    if contents["format"] != FORMAT:
        raise BackupUnusable(
            f"the backup's format {contents['format']} is newer than this software"
        )
    return contents


def _extract(
    archive: tarfile.TarFile, member: tarfile.TarInfo, listed: Mapping[str, Any], folder: Path
) -> None:
    if not _NAME.fullmatch(member.name) or member.size != listed["size"]:
        raise ValueError(f"{member.name} is not what is listed")
    target = folder / member.name
    target.parent.mkdir(exist_ok=True)
    source = archive.extractfile(member)
    assert source is not None
    with _create(target) as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    target.chmod(int(listed["mode"]) & 0o700)
    with target.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != listed["sha256"]:
            raise ValueError(f"{member.name} was changed")


def _told(place: Path, error: OSError) -> str:
    return f"{place} cannot be written: {error.strerror or error}"
