"""Reading in a process of its own: whatever a source sends, at worst that process ends.

Rules:
- it has its own memory and processor time, both bounded by the system, so that nothing that is read
  holds up the process that serves readers;
- it ends with its reader's interest: it is killed where nobody reads on, and notices when the
  process that started it is gone;
- how it ended without saying so is a fatal fault like any other.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

from bri_harvesting.exchange import NotUnderstood, Order, read_finding, write_order
from bri_harvesting.source import Fault, Findings

Read: TypeAlias = Callable[[Order], Findings]

MODULE = "bri_harvesting"
MEMORY_BYTES = 2 * 1024 * 1024 * 1024
CPU_SECONDS = 120
"""Of a whole reading: twice what it plans for, and what one document may take."""
_LONGEST_LINE = 24 * 1024 * 1024
_GRACE_SECONDS = 15.0
"""What a process may take to begin and to end, beyond the reading itself."""


async def read(order: Order) -> Findings:
    """What a reading in another process finds."""
    seconds = order.limits.all_seconds + _GRACE_SECONDS
    ends_at = asyncio.get_running_loop().time() + seconds
    try:
        async with _started(order) as process:
            assert process.stdout is not None
            while line := await _line(process.stdout, ends_at):
                yield read_finding(line)
            status = await process.wait()
    except TimeoutError:
        yield Fault("too-slow", f"not read within {seconds:g} s", fatal=True)
    except (NotUnderstood, ValueError) as error:
        yield Fault("broken", f"the reading cannot be understood: {error}"[:300], fatal=True)
    else:
        if status:
            detail = f"reading needed more memory or processor time than it may (status {status})"
            yield Fault("exhausted", detail, fatal=True)


async def _line(output: asyncio.StreamReader, ends_at: float) -> bytes:
    async with asyncio.timeout_at(ends_at):
        return await output.readline()


@asynccontextmanager
async def _started(order: Order) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        MODULE,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=_LONGEST_LINE,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
    )
    try:
        assert process.stdin is not None
        with suppress(ConnectionError):
            process.stdin.write(write_order(order))
            await process.stdin.drain()
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        # Of a pipe that is closed by its other end asyncio only hears when it looks.
        process._transport.close()  # type: ignore[attr-defined]
