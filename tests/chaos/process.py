"""One process of the federation: whatever ends it, it is started again soon after.

Rules:
- the pause before it is started again is short and random: nothing may depend on its length;
- while it is held down it stays down;
- what ended by itself and not by our hand is counted apart.
"""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bri_cli.child import Child, tell_end

LONGEST_PAUSE = 1.0
END_SECONDS = 10.0


class Process:
    """Runs one child for as long as the federation lives. Belongs to one event loop."""

    def __init__(self, child: Child, say: Callable[[str], None], seed: int) -> None:
        self.child = child
        self.falls: list[str] = []
        """How it ended where nobody killed it."""
        self._say = say
        self._chance = random.Random(f"{seed} {child.name}")
        self._gate = asyncio.Lock()
        self._killed = False
        self._minding: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.child.name

    async def start(self) -> None:
        """Start it, and from now on again whenever it ends."""
        await self.child.start()
        self._minding = asyncio.create_task(self._mind())

    def kill(self) -> bool:
        """SIGKILL; False where it is not running just now."""
        if not self.child.is_running:
            return False
        self._killed = True
        self.child.signal(signal.SIGKILL)
        return True

    async def freeze(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after a while."""
        self.child.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.child.signal(signal.SIGCONT)

    @asynccontextmanager
    async def held_down(self) -> AsyncIterator[None]:
        """It does not run inside the block."""
        async with self._gate:
            self.kill()
            await self.child.wait()
            yield

    async def stop(self) -> None:
        """End it for good: SIGTERM, then SIGKILL."""
        if self._minding is None:
            return
        self._minding.cancel()
        await asyncio.gather(self._minding, return_exceptions=True)
        self.child.signal(signal.SIGCONT)
        self.child.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.child.wait()
        except TimeoutError:
            self.child.signal(signal.SIGKILL)
            await self.child.wait()

    async def _mind(self) -> None:
        while True:
            status = await self.child.wait()
            if not self._killed:
                self.falls.append(tell_end(status))
                self._say(f"{self.name} ended by itself ({tell_end(status)})")
            await asyncio.sleep(self._chance.uniform(0, LONGEST_PAUSE))
            async with self._gate:
                self._killed = False
                await self.child.start()
