"""Tasks end for certain, and nobody waits for ever for one that does not."""

import asyncio

import pytest

from bri_kit import ending


async def stubborn(times: int) -> None:
    """Swallows `times` cancellations, as a library may that catches too much."""
    for _ in range(times + 1):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if times == 0:
                raise
            times -= 1


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again() -> None:
    """The second cancellation ends what the first did not."""
    task = asyncio.create_task(stubborn(1))
    await asyncio.wait([task], timeout=0)
    await ending.end(task)
    assert task.done()


async def test_a_task_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """After all tries the caller goes on."""
    monkeypatch.setattr(ending, "_PATIENCE_SECONDS", 0.001)
    task = asyncio.create_task(stubborn(1_000))
    await asyncio.wait([task], timeout=0)
    await ending.end(task)
    assert not task.done()
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0)
