"""How many questions are under way, and how long each may take.

Rules:
- at most so many questions are under way; one more is refused at once, so that readers are told and
  not kept waiting in a growing queue;
- a question that is not answered by its deadline, the caller's or ours, whichever is first, is
  given up; the thread that works on it counts as under way until it is done;
- what has waited past its deadline for a thread is never begun.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import TypeVar

from bri_search import measures

Answer = TypeVar("Answer")

MARGIN_SECONDS = 0.05
"""An engine has to be done so long before the deadline, for its answer to arrive in time."""


class TooManyQuestions(Exception):
    """As many questions as may be are under way."""


class TooLate(Exception):
    """The deadline passed before there was an answer."""


class Capacity:
    """Answers questions in `workers` threads, at most `most` at a time. Belongs to one event
    loop."""

    def __init__(self, workers: int, most: int, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="search")
        self._most = most
        self._seconds = seconds
        self._under_way = 0

    async def answer(
        self, work: Callable[[float], Answer], remaining: float | None = None
    ) -> Answer:
        """What `work` answers, given the moment (of `time.monotonic`) by which it has to; the
        caller waits for `remaining` seconds.

        Raises:
            TooManyQuestions, TooLate: as above.
        """
        if self._under_way >= self._most:
            measures.REFUSED.inc()
            raise TooManyQuestions
        seconds = min(self._seconds, remaining if remaining is not None else self._seconds)
        deadline = monotonic() + seconds
        self._count(1)
        future = self._threads.submit(_in_time, work, deadline)
        future.add_done_callback(self._done(asyncio.get_running_loop()))
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise TooLate from None

    def close(self) -> None:
        """Wait for the questions under way."""
        self._threads.shutdown(cancel_futures=True)

    def _done(self, loop: asyncio.AbstractEventLoop) -> Callable[[Future[Answer]], None]:
        def tell(_: Future[Answer]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._count, -1)

        return tell

    def _count(self, change: int) -> None:
        self._under_way += change
        measures.UNDER_WAY.set(self._under_way)


def _in_time(work: Callable[[float], Answer], deadline: float) -> Answer:
    if monotonic() >= deadline:
        raise TooLate
    return work(deadline - MARGIN_SECONDS)
