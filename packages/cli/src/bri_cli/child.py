"""One process of the federation.

Rules:
- it has a session of its own, so a terminal's Ctrl-C reaches the supervisor alone;
- on Linux the kernel kills it when the supervisor is gone, however that happened;
- what it prints is appended to its log, which is moved aside when it has grown too large.
"""

import asyncio
import ctypes
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MAX_LOG_BYTES = 16 * 1024 * 1024
MAX_WORDS = 600
NOT_STARTED = "not started: "
"""How the line begins in which a process that refuses to begin says why (`bri_kit.unusable`)."""
_NO_REASON = ("Application startup failed. Exiting.",)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """What is run: `name` for people, the command, and what its environment adds to ours."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """A running program. Start it first; it may be started again after it has ended."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process and self.is_running else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Returns once the process exists. Raises OSError where it cannot."""
        bound_log(self.log)
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self.program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **self.program.environment},
                start_new_session=True,
                preexec_fn=tie_to_parent(),
            )

    async def wait(self) -> int:
        """The exit status, negative for a signal, once the process has ended."""
        assert self._process is not None
        return await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Signal the process; SIGKILL also takes whatever it started itself."""
        if self._process is None or self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)


def end_of_log(log: Path, count: int = 15) -> str:
    """The last lines of a log, each indented on a line of its own."""
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        lines = file.read().decode(errors="replace").splitlines()[-count:]
        return "".join(f"\n  {line}" for line in lines)
    return ""


def tell_end(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def tell_fall(log: Path, status: int) -> str:
    """The same with why, where the process said it itself: one that a signal ended did not."""
    words = last_words(log) if status > 0 else ""
    return f"{tell_end(status)}: {words}" if words else tell_end(status)


def last_words(log: Path) -> str:
    """Why a process that ended by itself did so, as the last line of its log says; empty where
    that says nothing."""
    for line in reversed(end_of_log(log).splitlines()):
        if said := _said(line.strip()):
            return said[:MAX_WORDS]
    return ""


def _said(line: str) -> str:
    if not line.startswith("{"):
        return line
    try:
        event = json.loads(line)
        if event.get("level") not in ("error", "critical"):
            return ""
        if failures := event.get("exception"):
            return f"{failures[-1]['exc_type']}: {failures[-1]['exc_value']}".splitlines()[0]
        said = str(event.get("reason") or event.get("message") or event["event"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    last = said.strip().splitlines()[-1] if said.strip() else ""
    return "" if last in _NO_REASON else last


def bound_log(log: Path, limit: int = MAX_LOG_BYTES) -> None:
    """Move what `log` holds aside where it exceeds `limit` bytes.

    It is copied and emptied, not renamed: the process that appends to it keeps its file open.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if log.stat().st_size > limit:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)


def tie_to_parent() -> Callable[[], None] | None:
    """What a new process does first to die with its parent; None where the system cannot."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it ended before the kernel knew
            os._exit(1)

    return tie
