"""A short-lived process that does something heavy, so that the supervisor stays small.

Lines that it prints are handed on as they come; what it says on standard error goes to its log.
It is tied to the supervisor like any child, and killed where the errand is given up.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from bri_cli.child import bound_log, end_of_log, tell_end, tie_to_parent
from bri_cli.outcome import CommandFailed


class ErrandFailed(CommandFailed):
    """The process ended with an error; the message holds the end of its log."""


async def run_errand(
    module: str,
    arguments: tuple[str, ...],
    log: Path,
    hear: Callable[[str], None],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run `python -m module` to its end. Raises ErrandFailed unless its status is 0."""
    bound_log(log)
    command = (sys.executable, "-m", module, *arguments)
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            preexec_fn=tie_to_parent(),
        )
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            hear(line.decode(errors="replace").rstrip("\n"))
        status = await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if status != 0:
        raise ErrandFailed(
            f"{module} failed ({tell_end(status)}); the end of {log}:{end_of_log(log)}"
        )
