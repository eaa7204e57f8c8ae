"""Ending tasks for certain.

nats-py catches a cancellation that comes while it publishes and drops it (`Client._flush_pending`),
so a task that was cancelled once may go on as if nothing had been said.
"""

import asyncio
from typing import Any

_PATIENCE_SECONDS = 0.2


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel `task` until it has ended; how it ended is of no interest any more."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_PATIENCE_SECONDS)
