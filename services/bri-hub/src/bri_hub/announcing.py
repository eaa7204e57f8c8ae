"""Announcements: followers in this process hear of new changes without asking the database."""

import asyncio
from contextlib import suppress


class Announcements:
    """Wakes whoever waits. Belongs to one event loop.

    Take `news()` before looking at the database and wait for it after: what comes between the two
    is not missed.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def announce(self) -> None:
        """Wake all who wait."""
        self._event.set()
        self._event = asyncio.Event()

    def news(self) -> asyncio.Event:
        """An event that is set by the next announcement."""
        return self._event


async def wait_for_news(news: asyncio.Event, seconds: float) -> None:
    """Returns when there is news, and after `seconds` at the latest."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()
