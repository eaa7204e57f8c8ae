"""Keeps a set of processes running, and ends them all.

Rules:
- until `keep` is called the end of an essential child is fatal, and is told by `fallen`;
- any other child that ends is started again, after 0.5 s at first and 30 s at most, and every end
  and return is said in one line; a child that ran for a minute begins at 0.5 s again;
- nobody waits for a child that is not essential and has ended: it joins when it answers;
- `stop` ends the children wave by wave, each wave at once: SIGTERM, and SIGKILL after the grace;
- `kill` ends everything at once, and no child is started after either.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bri_cli.child import NOT_STARTED, Child, bound_log, end_of_log, tell_fall
from bri_cli.outcome import CommandFailed

POLL_SECONDS = 0.05
START_SECONDS = 60.0
GRACE_SECONDS = 3.0
"""Three waves of this length stay within the ten seconds that `bri up` may take to stop."""

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
LOG_CHECK_SECONDS = 60.0

Say = Callable[[str], None]
Value = TypeVar("Value")
ReadyProbe = Callable[[], Awaitable[str | None]]


class ServiceFell(CommandFailed):
    """An essential service ended, or did not answer in time, before everything was ready. One that
    says itself why it was not started needs no more lines than that."""

    def __init__(self, child: Child, what: str) -> None:
        log = "" if NOT_STARTED in what else f"; the end of {child.log}:{end_of_log(child.log)}"
        super().__init__(f"{child.name} {what}{log}")


@dataclass(slots=True)
class Member:
    """A child with how to tell that it serves. Lower waves are ended first. The others do without
    one that is not `essential`; `answered` is set once it has answered."""

    child: Child
    probe: ReadyProbe
    wave: int = 0
    essential: bool = True
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """See the module for the rules. It belongs to one event loop."""

    def __init__(self, say: Say, changed: Callable[[], None] = lambda: None) -> None:
        self.members: list[Member] = []
        self.fallen: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._say = say
        self._changed = changed
        self._minders: list[asyncio.Task[None]] = []
        self._keeping = False
        self._stopping = False

    def processes(self) -> dict[str, int]:
        """The ids of the processes that run, by name."""
        return {m.child.name: m.child.pid for m in self.members if m.child.pid is not None}

    async def start(self, members: Sequence[Member]) -> None:
        """Start processes; `changed` hears of it."""
        for member in members:
            self.members.append(member)
            await member.child.start()
            self._minders.append(asyncio.create_task(self._mind(member)))
        self._changed()

    async def ready(self, members: Sequence[Member]) -> list[Member]:
        """Returns once all of `members` answer, but for those that are returned: they are not
        essential, and have ended or do not answer in time.

        Raises:
            ServiceFell: an essential one does not answer in time.
        """
        answering = await asyncio.gather(*map(self._answers, members))
        return [each for each, answers in zip(members, answering, strict=True) if not answers]

    async def unless_fallen(self, work: Awaitable[Value]) -> Value:
        """Do `work`; give it up and raise ServiceFell as soon as any child ends."""
        task = asyncio.ensure_future(work)
        try:
            both: set[asyncio.Future[Any]] = {task, self.fallen}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if self.fallen.done():
                raise await self._fell()
            return await task
        finally:
            task.cancel()

    async def keep(self) -> None:
        """From now on start again what ends; never returns."""
        self._keeping = True
        if self.fallen.done():
            raise await self._fell()
        while True:
            await asyncio.sleep(LOG_CHECK_SECONDS)
            for member in self.members:
                bound_log(member.child.log)

    async def stop(self) -> None:
        """End all children; returns when none is left."""
        self._stopping = True
        for task in self._minders:
            task.cancel()
        await asyncio.gather(*self._minders, return_exceptions=True)
        for wave in sorted({member.wave for member in self.members}):
            await self._end([each.child for each in self.members if each.wave == wave])

    def kill(self) -> None:
        """SIGKILL to all children, without waiting."""
        self._stopping = True
        for member in self.members:
            member.child.signal(signal.SIGKILL)

    async def _end(self, children: Sequence[Child]) -> None:
        running = [child for child in children if child.is_running]
        for child in running:
            child.signal(signal.SIGTERM)
        waiting = [asyncio.create_task(child.wait()) for child in running]
        if not waiting:
            return
        await asyncio.wait(waiting, timeout=GRACE_SECONDS)
        for child in running:
            child.signal(signal.SIGKILL)
        await asyncio.gather(*waiting)

    async def _fell(self) -> ServiceFell:
        child = self.fallen.result()
        return ServiceFell(child, f"ended ({tell_fall(child.log, await child.wait())})")

    async def _answers(self, member: Member) -> bool:
        """Whether it answers; False for one that the others do without."""
        missing = await self._wait_for(member)
        if missing is None:
            member.answered.set()
        elif member.essential:
            raise ServiceFell(member.child, f"is not ready after {START_SECONDS:g} s ({missing})")
        elif not member.ended.is_set():
            self._say(f"{member.child.name}: not ready: {missing}; going on without it")
            self._minders.append(asyncio.create_task(self._announce(member)))
        return missing is None

    async def _wait_for(self, member: Member) -> str | None:
        """As the function, but for one that has ended meanwhile and is not essential."""
        waiting = asyncio.create_task(_wait_for(member.probe, START_SECONDS))
        ended = asyncio.create_task(member.ended.wait())
        try:
            either: set[asyncio.Future[Any]] = {waiting} if member.essential else {waiting, ended}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else "it ended"
        finally:
            waiting.cancel()
            ended.cancel()

    async def _mind(self, member: Member) -> None:
        """Watch one child for as long as the federation lives."""
        delay = FIRST_DELAY
        loop = asyncio.get_running_loop()
        while not self._stopping:
            began = loop.time()
            status = await self._until_end(member)
            member.ended.set()
            if not self._keeping and member.essential:
                if not self.fallen.done():
                    self.fallen.set_result(member.child)
                return
            delay = FIRST_DELAY if loop.time() - began > STEADY_SECONDS else delay
            self._say(f"{_tell(member, status)}; starting it again in {delay:g} s")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
            await self._start_again(member)

    async def _until_end(self, member: Member) -> int:
        """The exit status. A child that was started again says so itself once it answers."""
        is_again = member.ended.is_set()
        announcing = asyncio.create_task(self._announce(member)) if is_again else None
        try:
            return await member.child.wait()
        finally:
            if announcing is not None:
                announcing.cancel()

    async def _announce(self, member: Member) -> None:
        while await _wait_for(member.probe, START_SECONDS) is not None:
            self._say(f"{member.child.name} does not answer yet")
        again = " again" if member.answered.is_set() else ""
        member.answered.set()
        self._say(f"{member.child.name} answers{again}")

    async def _start_again(self, member: Member) -> None:
        try:
            await member.child.start()
        except OSError as error:
            # What is left of the old process ends the wait at once, so this is tried again later.
            self._say(f"{member.child.name} cannot be started: {error}")
        self._changed()


def _tell(member: Member, status: int) -> str:
    name, end = member.child.name, tell_fall(member.child.log, status)
    if member.answered.is_set():
        return f"{name} ended ({end})"
    return f"{name}: not ready: it ended ({end})"


async def _wait_for(probe: ReadyProbe, seconds: float) -> str | None:
    """None as soon as the probe is content, else what was missing at the end."""
    deadline = asyncio.get_running_loop().time() + seconds
    while (missing := await probe()) is not None:
        if asyncio.get_running_loop().time() > deadline:
            return missing
        await asyncio.sleep(POLL_SECONDS)
    return None
