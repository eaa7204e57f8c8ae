"""Clocks that can be turned while a service runs.

The services take the time from `bri_kit.clock`, which is one place so that tests can turn it, and
identifiers take it from `time`. `python -m tests.chaos.clocks FILE MODULE` runs a service's module
with both wrong by the number of seconds in FILE, which may change at any moment. The clock that
measures spans goes on, as it does on a machine whose time is set anew. (libfaketime would be the
usual way; with it Python's own `time.sleep` fails and gRPC never rests.)
"""

import runpy
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bri_cli.child import Program
from bri_kit import clock

LONGEST_TURN = 12 * 3600
"""Seconds. A day's difference would let idempotency keys grow old (two days)."""


class Clock:
    """The clock of one service; its file says by how many seconds it is wrong."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self.turn(0)

    def ruling(self, program: Program) -> Program:
        """`program`, which is a Python module, run by this clock."""
        python, _, module = program.command
        root = str(Path(__file__).parents[2])
        path = ":".join([root, *filter(None, sys.path)])
        return replace(
            program,
            command=(python, "-m", "tests.chaos.clocks", str(self._file), module),
            environment={**program.environment, "PYTHONPATH": path},
        )

    def turn(self, seconds: float) -> None:
        """Set it to be wrong by so much."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds}")
        new.replace(self._file)


def _turn(wrong_by: Callable[[], float]) -> None:
    right, right_ns = time.time, time.time_ns
    time.time = lambda: right() + wrong_by()
    time.time_ns = lambda: right_ns() + int(wrong_by() * 1e9)
    clock.now = lambda: datetime.now(UTC) + timedelta(seconds=wrong_by())


def main() -> None:
    """Run a module by a turned clock."""
    _, file, module = sys.argv
    _turn(lambda: float(Path(file).read_text()))
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
