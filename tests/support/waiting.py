"""Waiting for a condition with a deadline; a test never sleeps and hopes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Value = TypeVar("Value")


async def eventually(
    probe: Callable[[], Awaitable[Value]],
    until: Callable[[Value], object] = bool,
    seconds: float = 15,
) -> Value:
    """The first value of `probe` for which `until` holds.

    Raises:
        AssertionError: it did not come to hold in time; the last value is told.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = await probe()
        if until(value):
            return value
        assert time.monotonic() < deadline, f"still {value!r} after {seconds} s"
        await asyncio.sleep(0.02)


def within(
    probe: Callable[[], Value],
    until: Callable[[Value], object] = bool,
    seconds: float = 15,
) -> Value:
    """The same for what is asked in this thread. Raises as `eventually`."""

    async def asked() -> Value:
        return probe()

    return asyncio.run(eventually(asked, until, seconds))
