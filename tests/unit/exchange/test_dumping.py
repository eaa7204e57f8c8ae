"""When dumps are made, and that they hold nobody up."""

import asyncio
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs

from bri_exchange.dumping import Dumping, Plan
from bri_exchange.mirroring import PUBLISHED, Change
from bri_kit.ending import end
from tests.support.waiting import eventually
from tests.unit.exchange.repository import a_document, identifier


@dataclass
class SlowLog:
    """A log whose second change comes when it may."""

    reached: Event = field(default_factory=Event)
    may_go_on: Event = field(default_factory=Event)
    walked: int = 0

    def head(self) -> int:
        return 3

    def epoch_at(self, _number: int) -> str:
        return "first"

    def holds(self, _epoch: str, _number: int) -> bool:
        return True

    def walk(self, _after: int, _limit: int | None = None) -> Generator[Change, None, None]:
        for number in range(1, 4):
            self.walked = number
            yield Change(number, identifier(number), "sco", PUBLISHED, record=a_document(number))
            self.reached.set()
            assert self.may_go_on.wait(10)


def dumping(folder: Path, log: SlowLog, kept: int = 2) -> Dumping:
    @contextmanager
    def open_log() -> Iterator[SlowLog]:
        yield log

    return Dumping(Plan(folder, 1, kept), open_log, lambda: "2026-01-01T00:00:00.000Z")


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_service_that_ends_does_not_wait_for_a_dump(tmp_path: Path) -> None:
    """One that is under way is given up at its next line, and leaves nothing."""
    log = SlowLog()
    made = dumping(tmp_path, log)
    running = asyncio.create_task(made.run())  # one is due
    await asyncio.to_thread(log.reached.wait, 10)
    [name] = names(tmp_path)
    assert name.endswith(".partial")
    await end(running)
    log.may_go_on.set()

    async def left() -> list[str]:
        return names(tmp_path)

    await eventually(left, lambda found: not found)
    assert log.walked == 2
    assert made.dumps.list() == []


async def test_the_next_one_is_whole(tmp_path: Path) -> None:
    """Whatever became of the one before."""
    log = SlowLog()
    log.may_go_on.set()
    made = dumping(tmp_path, log)
    dump = await made.make()
    assert (dump.records, dump.change, dump.epoch) == (3, 3, "first")
    assert made.dumps.list() == [dump]


async def test_none_is_made_where_none_is_kept(tmp_path: Path) -> None:
    """The loop ends, and nothing is read."""
    log = SlowLog()
    async with asyncio.timeout(5):
        await dumping(tmp_path, log, kept=0).run()
    assert log.walked == 0


async def test_a_dump_that_fails_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log says why, and what was there is there."""
    log = SlowLog()
    log.may_go_on.set()
    made = dumping(tmp_path / "dumps", log)
    monkeypatch.setattr("bri_exchange.dumping._AGAIN_SECONDS", 0.02)
    (tmp_path / "dumps").write_text("no folder")
    with capture_logs() as logged:
        running = asyncio.create_task(made.run())

        async def failed() -> bool:
            return "dump.failed" in [each["event"] for each in logged]

        await eventually(failed)
    (tmp_path / "dumps").unlink()

    async def listed() -> int:
        return len(made.dumps.list())

    await eventually(listed)
    await end(running)
