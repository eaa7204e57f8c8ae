"""Ending tasks for certain.

nats-py catches a cancellation that comes while it publishes and drops it (`Client._flush_pending`),
so a task that was cancelled once may go on as if nothing had been said.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_PATIENCE_SECONDS = 0.2
_TRIES = 10

logger = structlog.get_logger()


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel `task` until it has ended; how it ended is of no interest any more.

    One that outlives all tries is left to the end of the process, which must not wait for it. The
    caller's own cancellation waits for that too, or what it was ending would go on without it.
    """
    cancelled: asyncio.CancelledError | None = None
    for _ in range(_TRIES):
        task.cancel()
        try:
            await asyncio.wait([task], timeout=_PATIENCE_SECONDS)
        except asyncio.CancelledError as error:
            cancelled = error
        if task.done():
            break
    else:
        logger.error("task.unending", task=task.get_name())
    if cancelled is not None:
        raise cancelled


async def together(*running: Coroutine[Any, Any, None]) -> None:
    """Run all of these until the first ends, then end the others for certain.

    An `asyncio.TaskGroup` cancels each of its tasks once, and waits for ever for one that drops it.

    Raises: what the first to end raises.
    """
    tasks = [asyncio.create_task(each) for each in running]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await asyncio.gather(*map(end, tasks))
