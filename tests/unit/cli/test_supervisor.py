"""The supervisor, over children that are a line of shell each."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from operator import eq
from pathlib import Path

import pytest

from bri_cli import supervisor as supervising
from bri_cli.child import Child, Program, bound_log, last_words, tell_end
from bri_cli.supervisor import Member, ServiceFell, Supervisor
from tests.support.waiting import eventually

FOREVER = "while :; do sleep 60 & wait $!; done"
Start = Callable[..., Awaitable[Member]]


async def answers() -> str | None:
    return None


async def is_starting() -> str | None:
    return "it is starting"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
async def federation(said: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.kill()
    await supervisor.stop()


@pytest.fixture
def start(federation: Supervisor, tmp_path: Path) -> Start:
    async def start(
        script: str, name: str = "one", wave: int = 0, *, essential: bool = True
    ) -> Member:
        child = Child(Program(name, ("/bin/sh", "-c", script)), tmp_path / f"{name}.log")
        # Without this the probe of a child that has not ended yet would answer first.
        probe = answers if essential else partial(_answers_while_it_runs, child)
        member = Member(child, probe, wave, essential)
        await federation.start([member])
        return member

    return start


async def test_a_child_that_ends_before_ready_is_told_with_its_log(
    federation: Supervisor, start: Start
) -> None:
    """Work is given up as soon as one child ends, whatever the others do."""
    await start(FOREVER, "two")
    await start("echo no such table; exit 3")
    with pytest.raises(ServiceFell, match=r"(?s)one ended \(exit status 3.*\n  no such table"):
        await federation.unless_fallen(asyncio.sleep(60))


async def test_a_child_that_does_not_answer_in_time_is_told(
    federation: Supervisor, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was missing stands in the message."""
    monkeypatch.setattr(supervising, "START_SECONDS", 0.1)
    member = await start(FOREVER)
    member.probe = is_starting
    with pytest.raises(ServiceFell, match="it is starting"):
        await federation.ready([member])


async def test_a_child_that_dies_later_is_started_again(
    federation: Supervisor, start: Start, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end, the delay, and its return are each said in a line; the delay grows."""
    monkeypatch.setattr(supervising, "FIRST_DELAY", 0.01)
    member = await start(FOREVER)
    assert await federation.ready([member]) == []
    keeping = asyncio.create_task(federation.keep())
    for round_ in (1, 2):
        pid = await eventually(lambda: _pid(member))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await eventually(partial(_count, said, "one answers again"), partial(eq, round_))
    keeping.cancel()
    assert said == [
        "one ended (killed by SIGKILL); starting it again in 0.01 s",
        "one answers again",
        "one ended (killed by SIGKILL); starting it again in 0.02 s",
        "one answers again",
    ]


async def test_a_child_that_others_do_without_joins_later(
    federation: Supervisor, start: Start, said: list[str], tmp_path: Path
) -> None:
    """Its end is no end of the others; it is said with the reason, and tried again until it stays,
    before all is ready as well as after."""
    script = (
        f"test -e {tmp_path}/mended || {{ echo not started: no such disk; exit 2; }}; {FOREVER}"
    )
    member = await start(script, essential=False)
    assert await federation.ready([member]) == [member]
    (tmp_path / "mended").touch()
    await eventually(partial(_has, said, "one answers"))
    assert said[0] == (
        "one: not ready: it ended (exit status 2: not started: no such disk); "
        "starting it again in 0.5 s"
    )
    assert not federation.fallen.done()


async def test_a_child_that_others_need_says_why_it_refused(
    federation: Supervisor, start: Start
) -> None:
    """In one line, where it said so itself."""
    await start("echo much else; echo not started: no such key; exit 2")
    with pytest.raises(ServiceFell) as fell:
        await federation.unless_fallen(asyncio.sleep(60))
    assert str(fell.value) == "one ended (exit status 2: not started: no such key)"


async def test_a_child_that_does_not_answer_is_not_waited_for_for_ever(
    federation: Supervisor, start: Start, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lives, and is said to answer once it does."""
    monkeypatch.setattr(supervising, "START_SECONDS", 0.1)
    member = await start(FOREVER, essential=False)
    member.probe = is_starting
    assert await federation.ready([member]) == [member]
    member.probe = answers
    await eventually(partial(_has, said, "one answers"))
    assert said[0] == "one: not ready: it is starting; going on without it"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("some line\nnot started: the key is lost\n", "not started: the key is lost"),
        ('{"level": "info", "event": "done"}\n', ""),
        ('{"level": "error", "event": "search.cannot_start", "reason": "rotten"}\n', "rotten"),
        (
            (
                '{"level": "critical", "event": "process.failed", "exception": '
                '[{"exc_type": "OSError", "exc_value": "no disk"}]}\n'
            ),
            "OSError: no disk",
        ),
        ('{"level": "error", "message": "Application startup failed. Exiting."}\n{not json', ""),
        ("", ""),
    ],
)
def test_the_last_words_of_a_log_are_its_reason(tmp_path: Path, log: str, words: str) -> None:
    """Lines of ours, of the logs, and of whoever else; nothing where no line is a reason."""
    file = tmp_path / "one.log"
    file.write_text(log)
    assert last_words(file) == words


async def test_waves_end_one_after_the_other(
    federation: Supervisor, start: Start, tmp_path: Path
) -> None:
    """The lowest wave first; the next hears of nothing until it is gone."""
    trace = tmp_path / "trace"
    for name, wave in (("last", 2), ("first", 0), ("middle", 1)):
        note = f"trap 'sleep 0.05; echo {name} >> {trace}; exit' TERM; echo up; {FOREVER}"
        member = await start(note, name, wave)
        await eventually(partial(_text, member.child.log))
    await federation.stop()
    assert trace.read_text().split() == ["first", "middle", "last"]


async def test_a_child_that_ignores_the_order_is_killed(
    federation: Supervisor, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL follows SIGTERM after the grace, and takes what the child itself had started."""
    monkeypatch.setattr(supervising, "GRACE_SECONDS", 0.1)
    member = await start(f"trap '' TERM; sleep 61 & echo $!; {FOREVER}")
    text = await eventually(lambda: _text(member.child.log))
    await federation.stop()
    assert not member.child.is_running
    await eventually(lambda: _is_gone(int(text)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties children to their parents")
async def test_a_child_dies_with_its_supervisor(tmp_path: Path) -> None:
    """However the supervisor ended, its children are gone."""
    script = f"""
import asyncio, pathlib
from bri_cli.child import Child, Program
async def main():
    child = Child(Program("x", ("/bin/sleep", "60")), pathlib.Path({str(tmp_path / "x.log")!r}))
    await child.start()
    print(child.pid, flush=True)
    await child.wait()
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.communicate()
    await eventually(lambda: _is_gone(pid))


def test_a_log_that_grew_too_large_is_moved_aside(tmp_path: Path) -> None:
    """It is emptied in place: whoever appends to it goes on at its beginning."""
    log = tmp_path / "one.log"
    with log.open("a") as appending:
        appending.write("old" * 10)
        appending.flush()
        bound_log(log, limit=10)
        appending.write("new")
    assert log.read_text() == "new"
    assert log.with_suffix(".log.1").read_text() == "old" * 10


def test_ends_are_told_in_words() -> None:
    """A signal by its name, any other end by its status."""
    assert [tell_end(status) for status in (1, -9, -63)] == [
        "exit status 1",
        "killed by SIGKILL",
        "killed by signal 63",
    ]


async def _answers_while_it_runs(child: Child) -> str | None:
    said = await asyncio.to_thread(lambda: child.log.read_text() if child.log.exists() else "")
    return None if child.is_running and (child.log.parent / "mended").exists() else said or "no"


async def _has(said: list[str], line: str) -> bool:
    return line in said


async def _pid(member: Member) -> int | None:
    return member.child.pid


async def _text(path: Path) -> str:
    return await asyncio.to_thread(lambda: path.read_text().strip())


async def _count(said: list[str], line: str) -> int:
    return said.count(line)


async def _is_gone(pid: int) -> bool:
    try:
        stat = await asyncio.to_thread(Path(f"/proc/{pid}/stat").read_text)
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"
