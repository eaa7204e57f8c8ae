"""Dumps on a disk: whole or not there."""

import gzip
import hashlib
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
import pytest
from fastapi import FastAPI

from bri_exchange.dump_routes import create_dumps
from bri_exchange.dumps import Contents, Dumps
from bri_kit.problems import render_problems

MORNING = datetime(2026, 11, 22, 1, tzinfo=UTC)


def contents(count: int = 3, change: int = 7) -> Contents:
    lines = ((json.dumps({"change": each}).encode(), True) for each in range(count))
    return Contents("epoch", change, lines)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file can become larger than this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_dump_is_what_it_says(tmp_path: Path) -> None:
    """Its lines, their number, its size, its checksum, and what it stands for."""
    dumps = Dumps(tmp_path / "dumps")
    made = dumps.write(contents(), MORNING, keep=7)
    data = (tmp_path / "dumps" / made.name).read_bytes()
    assert gzip.decompress(data).splitlines() == [b'{"change": %d}' % each for each in range(3)]
    assert (made.size, made.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (made.epoch, made.change, made.records, made.lines) == ("epoch", 7, 3, 3)
    assert dumps.list() == [made]


def test_old_ones_make_room(tmp_path: Path) -> None:
    """As many as are kept, the newest; the last one stays whatever is said."""
    dumps = Dumps(tmp_path)
    for day in range(5):
        dumps.write(contents(), MORNING + timedelta(days=day), keep=3)
    assert [each.made_at[:10] for each in dumps.list()] == [
        "2026-11-26",
        "2026-11-25",
        "2026-11-24",
    ]
    assert len(list(tmp_path.iterdir())) == 6
    dumps.write(contents(), MORNING + timedelta(days=9), keep=0)
    assert len(dumps.list()) == 1


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """Yesterday's stays as it was, nothing half is there, and the next attempt succeeds."""
    dumps = Dumps(tmp_path)
    kept = dumps.write(contents(), MORNING, keep=1)
    noise = Random(1)
    lines = [(noise.randbytes(500).hex().encode(), True) for _ in range(200)]
    tomorrow = MORNING + timedelta(days=1)
    with room_for(20_000), pytest.raises(OSError, match="too large"):
        dumps.write(Contents("epoch", 8, lines), tomorrow, keep=1)
    assert dumps.list() == [kept]
    assert len(list(tmp_path.iterdir())) == 2
    assert dumps.write(Contents("epoch", 8, lines), tomorrow, keep=1).lines == 200


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    """A part of a file, and a file that nobody described, are no dumps."""
    dumps = Dumps(tmp_path)
    for name in ("bri-20261120T010000Z.ndjson.gz.partial", "bri-20261121T010000Z.ndjson.gz"):
        (tmp_path / name).write_bytes(b"half")
    (tmp_path / "bri-20261119T010000Z.json").write_text('{"name": "../../etc/passwd"}')
    assert dumps.list() == []
    made = dumps.write(contents(), MORNING, keep=7)
    assert dumps.list() == [made]
    assert len(list(tmp_path.glob("*.gz*"))) == 1


async def test_a_dump_can_be_fetched_in_parts(tmp_path: Path) -> None:
    """Parts that carry the same tag make the file; a part of another file is not given."""
    dumps = Dumps(tmp_path)
    made = dumps.write(contents(1_000), MORNING, keep=7)
    app = FastAPI()
    render_problems(app)
    app.include_router(create_dumps(lambda _request: dumps, "http://hub.test"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        (listed,) = (await client.get("/dumps/")).json()["items"]
        assert listed["sha256"] == made.sha256
        url = listed["url"]
        first = await client.get(url, headers={"Range": "bytes=0-99"})
        tag = first.headers["etag"]
        rest = await client.get(url, headers={"Range": "bytes=100-", "If-Range": tag})
        assert (first.status_code, rest.status_code) == (206, 206)
        assert hashlib.sha256(first.content + rest.content).hexdigest() == made.sha256
        changed = await client.get(url, headers={"Range": "bytes=100-", "If-Range": '"other"'})
        assert (changed.status_code, len(changed.content)) == (200, made.size)
        assert (await client.get(url, headers={"If-None-Match": tag})).status_code == 304
        assert (await client.get(url, headers={"Range": "bytes=9999999-"})).status_code == 416
        head = await client.head(url)
        assert (head.headers["content-length"], head.content) == (str(made.size), b"")
        for name in ("other.gz", "..%2F..%2Fetc%2Fpasswd", f"{made.name}.partial", "%00"):
            assert (await client.get(f"/dumps/{name}")).status_code == 404, name
