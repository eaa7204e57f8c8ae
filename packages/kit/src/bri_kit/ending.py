"""Ending tasks for certain.

nats-py catches a cancellation that comes while it publishes and drops it (`Client._flush_pending`),
so a task that was cancelled once may go on as if nothing had been said.
"""

import asyncio
from typing import Any

import structlog

_PATIENCE_SECONDS = 0.2
_TRIES = 10

logger = structlog.get_logger()


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel `task` until it has ended; how it ended is of no interest any more.

    One that outlives all tries is left to the end of the process, which must not wait for it.
    """
    for _ in range(_TRIES):
        task.cancel()
        await asyncio.wait([task], timeout=_PATIENCE_SECONDS)
        if task.done():
            return
    logger.error("task.unending", task=task.get_name())
