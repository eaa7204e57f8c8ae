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


async def test_what_runs_together_ends_together() -> None:
    """The failure of one is raised once the others have ended, also one that swallows the end."""
    others = [asyncio.Event(), asyncio.Event()]

    async def other(ended: asyncio.Event, times: int) -> None:
        try:
            await stubborn(times)
        finally:
            ended.set()

    async def failing() -> None:
        await asyncio.sleep(0)
        raise OSError("the line is gone")

    with pytest.raises(OSError, match="the line is gone"):
        async with asyncio.timeout(10):
            await ending.together(other(others[0], 0), failing(), other(others[1], 2))
    assert all(each.is_set() for each in others)


async def test_cancelling_those_together_ends_them_all() -> None:
    """The cancellation of the whole reaches each, more than once where it must."""
    ended = asyncio.Event()

    async def running() -> None:
        try:
            await stubborn(1)
        finally:
            ended.set()

    task = asyncio.create_task(ending.together(running(), asyncio.Event().wait()))  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    await ending.end(task)
    assert task.cancelled()
    assert ended.is_set()
