"""Whether the files of a tantivy index are as they were written.

A segment's file ends with a footer: JSON with the CRC-32 of all that comes before it, the length of
that JSON and a magic number, both four bytes, little-endian. Reading through mapped memory compares
nothing: a rotten page is a wrong answer, an error or a panic, whichever comes first.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_SUFFIXES = (".term", ".idx", ".pos", ".store", ".fast", ".fieldnorm")
_MAGIC = 1337
_TAIL = struct.Struct("<II")
_LONGEST_FOOTER = 4_096
_PIECE = 1024 * 1024


def damaged_files(folder: Path) -> list[str]:
    """The names of the files of the last commit that are missing or not as they were written; none
    in a folder without an index."""
    meta = folder / "meta.json"
    if not meta.exists():
        return []
    while True:
        try:
            listed = meta.read_bytes()
            names = list(_names(listed))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return [meta.name]
        damaged = [name for name in names if not _is_sound(folder / name)]
        # A commit or a merge meanwhile removes files that were listed before it.
        if not damaged or _read(meta) == listed:
            return damaged


def size(folder: Path) -> int:
    """Bytes of all files in `folder`."""
    with os.scandir(folder) as found:
        return sum(each.stat().st_size for each in found if each.is_file())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _names(listed: bytes) -> Iterator[str]:
    """The files that a list of segments names."""
    for segment in json.loads(listed)["segments"]:
        stem = segment["segment_id"].replace("-", "")
        yield from (f"{stem}{suffix}" for suffix in _SUFFIXES)
        if deletes := segment.get("deletes"):
            yield f"{stem}.{deletes['opstamp']}.del"


def _is_sound(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            length, wanted = _footer(file, path.stat().st_size)
            return _checksum(file, length) == wanted
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return False  # a disk that cannot read it holds it no more


def _footer(file: BinaryIO, total: int) -> tuple[int, int]:
    """The length of what a footer is about, and its checksum."""
    file.seek(total - _TAIL.size)
    length, magic = _TAIL.unpack(file.read(_TAIL.size))
    if magic != _MAGIC or length > _LONGEST_FOOTER:
        raise ValueError("there is no footer")
    begin = total - _TAIL.size - length
    file.seek(begin)
    return begin, int(json.loads(file.read(length))["crc"])


def _checksum(file: BinaryIO, length: int) -> int:
    file.seek(0)
    checksum = 0
    while length:
        piece = file.read(min(_PIECE, length))
        if not piece:
            raise ValueError("the file is shorter than it was")
        checksum = zlib.crc32(piece, checksum)
        length -= len(piece)
    return checksum
