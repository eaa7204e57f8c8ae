"""One run: bring a federation up, put it under load, break it, let it heal, and check everything.

Where somebody attacks too, faults come in rounds with calm between them, a probe asks all the time
what any reader asks, and at the end the hub's admin suspends every centre of the attacker: what is
left is to be exactly what honest centres have published.

All that is left to chance follows from the seed, but for the order in which processes answer each
other: a failing seed brings the same faults at the same moments, and most often the same failure.
"""

import asyncio
import json
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.chaos.faults import Breaker
from tests.chaos.healing import Healed, until_healed
from tests.chaos.promises import Allowance, Promises
from tests.chaos.schedule import NODES, Act, Fault, faulty_seconds, in_rounds, plan
from tests.chaos.siege import Siege
from tests.chaos.site import Say, Site
from tests.chaos.writers import Writer

FIRST_RECORDS = 300
"""Each centre begins with so many, and the first copy of the hub is made when it has them."""

FINISH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is like. `seconds` is how long faults are made, `heal` how long it may take until
    all is well, `writers` how many editors each centre has. `attacks` names what is attacked with
    meanwhile; `embedder` has the replica that readers ask compute meanings too."""

    seed: int
    seconds: float
    kills: int
    folder: Path
    only: Sequence[Fault] = ()
    heal: float = 420.0
    writers: int = 2
    first_records: int = FIRST_RECORDS
    attacks: Sequence[str] = ()
    faults: bool = True
    embedder: bool = False

    def schedule(self) -> list[Act]:
        """The faults that are made."""
        if not self.faults:
            return []
        if not self.attacks:
            return plan(self.seed, self.seconds, self.kills, self.only)
        return in_rounds(plan(self.seed, faulty_seconds(self.seconds), self.kills, self.only))


@dataclass(slots=True)
class Result:
    """What came of it."""

    settings: Settings
    healed: Healed
    promises: dict[str, Promises]
    faults: dict[Fault, int]
    skipped: dict[str, str]
    falls: dict[str, list[str]]
    finished: bool = True
    siege: Siege | None = None
    kept: Path | None = None
    seconds: float = field(default=0.0)

    @property
    def is_good(self) -> bool:
        """Whether everything that was promised holds."""
        return self.finished and not self.healed.findings and not self.broken

    @property
    def broken(self) -> list[str]:
        """What does not hold of what is promised while somebody attacks."""
        return self.siege.broken(self.falls) if self.siege else []


class Diary:
    """Says what happens, with the second at which it does, and keeps it."""

    def __init__(self, path: Path, *, aloud: bool) -> None:
        self._path = path
        self._aloud = aloud
        self._began = time.monotonic()
        self._lines: list[str] = []

    def say(self, what: str) -> None:
        line = f"{time.monotonic() - self._began:7.2f}  {what}"
        self._lines.append(line)
        if self._aloud:
            print(line, flush=True)

    def keep(self) -> None:
        """Write it down."""
        self._path.write_text("\n".join(self._lines) + "\n")


async def run(settings: Settings, *, aloud: bool = True) -> Result:
    """One whole run; its folder is left where something is wrong.

    Raises:
        TimeoutError: the federation does not come up.
    """
    diary = Diary(settings.folder / "diary.txt", aloud=aloud)
    acts = settings.schedule()
    fills_disks = any(act.fault is Fault.FILL_DISK for act in acts)
    site = Site(
        settings.folder,
        settings.seed,
        diary.say,
        small_disks=fills_disks,
        embedder=settings.embedder,
    )
    good = False
    try:
        await site.start()
        _keep_schedule(settings, acts)
        diary.say(f"ready on ports from {site.layout.port_base}; {len(acts)} faults to come")
        result = await _break_and_heal(settings, site, acts, diary.say)
        good = result.is_good
    finally:
        await site.stop(keep=not good)
        diary.keep()
    if not good:
        result.kept = settings.folder
    elif acts and not settings.only:
        shutil.rmtree(settings.folder / "copies")
    return result


async def _break_and_heal(settings: Settings, site: Site, acts: Sequence[Act], say: Say) -> Result:
    began = time.monotonic()
    promises = {code: Promises(code) for code in NODES}
    breaker = Breaker(site, say)
    writers = [
        writer for code in NODES for writer in _writers(settings, site, code, promises[code])
    ]
    async with asyncio.TaskGroup() as filling:
        for writer in writers[:: settings.writers]:
            filling.create_task(writer.import_some(settings.first_records))
    siege = Siege(site, settings.attacks, settings.seed, say) if settings.attacks else None
    if siege:
        await siege.start()
    attacked = time.monotonic()
    writing = [asyncio.create_task(each.run()) for each in writers]
    await breaker.do(Act(0.0, Fault.COPY_HUB, "hub", 0.0, settings.seed))
    await _do_all(breaker, acts)
    if siege:
        await asyncio.sleep(max(0.0, settings.seconds - (time.monotonic() - attacked)))
    say("the faults are over")
    if siege:
        await siege.stop(promises, breaker.times)
    site.mend()
    finished = await _finish(writers, writing, say)
    say("everybody has stopped writing")
    healed = await until_healed(site, promises, settings.seed, settings.heal, say)
    return Result(
        settings=settings,
        healed=healed,
        promises=promises,
        faults=dict(breaker.done),
        skipped=site.skipped,
        falls={name: each.falls for name, each in site.processes.items() if each.falls},
        finished=finished,
        siege=siege,
        seconds=time.monotonic() - began,
    )


def _writers(settings: Settings, site: Site, code: str, promises: Promises) -> list[Writer]:
    allowance = Allowance()
    url, token = site.layout.url(code), site.tokens[code]
    return [
        Writer(url, token, promises, allowance, random.Random(f"{settings.seed} {code} {number}"))
        for number in range(settings.writers)
    ]


async def _do_all(breaker: Breaker, acts: Sequence[Act]) -> None:
    """Each act at its time, whatever the others are doing; returns when all are over."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as under_way:
        for act in acts:
            await asyncio.sleep(max(0.0, act.at - (time.monotonic() - began)))
            under_way.create_task(breaker.do(act))


async def _finish(
    writers: Sequence[Writer], writing: Sequence["asyncio.Task[None]"], say: Say
) -> bool:
    """Whether all writers came to an end by themselves."""
    for writer in writers:
        writer.stop()
    _, unfinished = await asyncio.wait(writing, timeout=FINISH_SECONDS)
    for task in unfinished:
        say("a writer gets no answer")
        task.cancel()
    await asyncio.gather(*unfinished, return_exceptions=True)
    for task in set(writing) - unfinished:
        task.result()
    return not unfinished


def _keep_schedule(settings: Settings, acts: Sequence[Act]) -> None:
    text = json.dumps([asdict(act) for act in acts], indent=1)
    (settings.folder / "schedule.json").write_text(text + "\n")
