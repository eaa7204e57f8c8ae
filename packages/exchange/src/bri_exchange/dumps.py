"""Dumps: everything at one moment, in a file that anybody can fetch, and resume fetching.

Rules:
- a dump is gzip'd NDJSON, a line a record as the list of changes tells it, in order; it says which
  change of which epoch it stands for, so that dump and changes make a mirror;
- a file appears under its name when it is whole, on disk and described; what a full disk or a
  killed process leaves half written has another name, and goes with the next attempt;
- what is listed is there: a dump goes when newer ones are there, and never the last one.
"""

import gzip
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson

from bri_kit.clock import rfc3339

MEDIA_TYPE = "application/gzip"
_PREFIX, _SUFFIX, _DESCRIPTION = "bri-", ".ndjson.gz", ".json"
_PARTIAL = ".partial"
_COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump on disk. It stands for everything up to the number `change` of the change log's
    `epoch`; `made_at` is RFC 3339, `size` in bytes, `sha256` of the file, hexadecimal; `records`
    are published ones, `lines` all that it has, tombstones among them."""

    name: str
    made_at: str
    epoch: str
    change: int
    records: int
    lines: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a dump is to hold: what it stands for, and its lines, each told whether it is of a
    published record."""

    epoch: str
    change: int
    lines: Iterable[tuple[bytes, bool]]


class Dumps:
    """The dumps in a folder, which is made with the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> list[Dump]:
        """All that are whole, the newest first."""
        found = (self._read(path) for path in self._folder.glob(f"{_PREFIX}*{_DESCRIPTION}"))
        return sorted((each for each in found if each), key=lambda each: each.name, reverse=True)

    def find(self, name: str) -> tuple[Dump, Path] | None:
        """One of them and its file, if it is there."""
        for each in self.list():
            if each.name == name:
                return each, self._folder / name
        return None

    def write(self, contents: Contents, moment: datetime, keep: int) -> Dump:
        """Make a dump, and leave the newest `keep`.

        Raises:
            OSError: the disk is full, say; what was there is there.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._drop_partial()
        name = f"{_PREFIX}{moment:%Y%m%dT%H%M%SZ}{_SUFFIX}"
        with self._appearing(name) as file:
            lines, records = _write_lines(file, contents.lines)
        path = self._folder / name
        with path.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        size = path.stat().st_size
        made_at, epoch, change = rfc3339(moment), contents.epoch, contents.change
        dump = Dump(name, made_at, epoch, change, records, lines, size, digest)
        with self._appearing(_description_of(name)) as file:
            file.write(orjson.dumps(asdict(dump)))
        self._prune(keep)
        return dump

    def _read(self, description: Path) -> Dump | None:
        """What is described, if it is there and whole; it may go while one looks."""
        try:
            dump = Dump(**orjson.loads(description.read_bytes()))
            whole = (self._folder / dump.name).stat().st_size == dump.size
        except (OSError, ValueError, TypeError):
            return None
        return dump if whole and description.name == _description_of(dump.name) else None

    @contextmanager
    def _appearing(self, name: str) -> Iterator[IO[bytes]]:
        """A file that gets its name when it is whole and on disk."""
        partial = self._folder / f"{name}{_PARTIAL}"
        try:
            with partial.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.rename(self._folder / name)
        finally:
            partial.unlink(missing_ok=True)
        _sync(self._folder)

    def _drop_partial(self) -> None:
        """What a process that was killed left, and files that nobody described."""
        for path in self._folder.glob(f"{_PREFIX}*{_PARTIAL}"):
            path.unlink()
        whole = {each.name for each in self.list()}
        for path in self._folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            if path.name not in whole:
                path.unlink()

    def _prune(self, keep: int) -> None:
        for each in self.list()[max(keep, 1) :]:
            with suppress(FileNotFoundError):
                (self._folder / _description_of(each.name)).unlink()
                (self._folder / each.name).unlink()


def index_json(dumps: Iterable[Dump], address: str) -> dict[str, Any]:
    """The list of dumps as it is served; `address` begins the files' own."""
    items = [asdict(each) | {"url": f"{address}/{each.name}"} for each in dumps]
    return {"items": items, "cursor": None}


def _description_of(name: str) -> str:
    return f"{name.removesuffix(_SUFFIX)}{_DESCRIPTION}"


def _write_lines(file: IO[bytes], lines: Iterable[tuple[bytes, bool]]) -> tuple[int, int]:
    """How many lines were written, and how many of them are published records."""
    count = records = 0
    # Without a time or a name in it, the same contents are the same bytes.
    with gzip.GzipFile(
        filename="", mode="wb", fileobj=file, compresslevel=_COMPRESSION, mtime=0
    ) as out:
        for line, is_record in lines:
            out.write(line + b"\n")
            count += 1
            records += is_record
    return count, records


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
