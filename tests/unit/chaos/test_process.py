"""A process of the federation under test, over children that are a line of shell each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bri_cli.child import Child, Program
from tests.chaos import process as processes
from tests.chaos.process import Process
from tests.support.waiting import eventually


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
async def process(
    said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Process]:
    """One that sleeps, or ends by itself once the file `end` is there."""
    monkeypatch.setattr(processes, "LONGEST_PAUSE", 0.01)
    script = f"while [ ! -e {tmp_path}/end ]; do sleep 0.02; done; rm {tmp_path}/end; exit 7"
    child = Child(Program("one", ("/bin/sh", "-c", script)), tmp_path / "one.log")
    process = Process(child, said.append, seed=1)
    await process.start()
    yield process
    await process.stop()
    assert not process.child.is_running


async def another(process: Process, than: int | None) -> int:
    """The id of the next process."""

    async def pid() -> int | None:
        return process.child.pid

    found = await eventually(pid, lambda pid: pid not in (None, than))
    assert found is not None
    return found


async def test_what_is_killed_is_started_again(process: Process, said: list[str]) -> None:
    """And is not told as a fall of its own."""
    first = process.child.pid
    assert process.kill()
    await another(process, first)
    assert process.falls == said == []


async def test_what_ends_by_itself_is_started_again_and_told(
    process: Process, said: list[str], tmp_path: Path
) -> None:
    """With how it ended."""
    first = process.child.pid
    (tmp_path / "end").touch()
    await another(process, first)
    assert process.falls == ["exit status 7"]
    assert said == ["one ended by itself (exit status 7)"]


async def test_what_is_held_down_does_not_run(process: Process) -> None:
    """Until it is let go."""
    first = process.child.pid
    async with process.held_down():
        assert process.child.pid is None
        assert not process.kill()
    await another(process, first)


async def test_what_is_frozen_goes_on(process: Process) -> None:
    """The same process, after its time."""
    first = process.child.pid
    await process.freeze(0.05)
    assert process.child.pid == first


async def test_what_never_started_can_be_stopped(tmp_path: Path) -> None:
    """A federation that does not come up is taken down all the same."""
    await Process(Child(Program("one", ("true",)), tmp_path / "log"), print, seed=1).stop()
