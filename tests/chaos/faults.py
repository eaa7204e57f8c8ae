"""How each fault is done to a federation.

An act that cannot be done at its moment (nothing to copy yet, the broker is away) is passed over,
and not counted.
"""

import asyncio
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path

import nats
import nats.errors

from bri_kit import roles, transport
from bri_kit.access import inbox
from tests.chaos.clocks import LONGEST_TURN
from tests.chaos.disks import filled
from tests.chaos.process import Process
from tests.chaos.schedule import Act, Fault
from tests.chaos.site import Say, Site

FLIPPED_BYTES = 8
KILL_SECONDS = 5.0
RESTART_SECONDS = 30.0
"""So long what was killed may take to listen again before its silence is judged."""
_LOOK_SECONDS = 0.05
_COPIES = "copies"


class Breaker:
    """Does acts to one site, and counts those that were done."""

    def __init__(self, site: Site, say: Say) -> None:
        self.done: Counter[Fault] = Counter()
        self.times: list[tuple[float, float]] = []
        """When each act began, and when it was over and everything listened again, by the monotonic
        clock."""
        self._site = site
        self._say = say
        self._how: Mapping[Fault, Callable[[Act], Awaitable[bool]]] = {
            Fault.KILL: self._kill,
            Fault.FREEZE: self._freeze,
            Fault.CUT: self._spoil,
            Fault.STALL: self._spoil,
            Fault.SLOW: self._spoil,
            Fault.HALF_CLOSE: self._spoil,
            Fault.FORGET: self._spoil,
            Fault.WIPE_BROKER: self._wipe,
            Fault.DELETE_STORE: self._delete_store,
            Fault.FLIP_BYTES: self._flip_bytes,
            Fault.DELETE_STREAM: self._delete_in_broker,
            Fault.DELETE_CONSUMER: self._delete_in_broker,
            Fault.FILL_DISK: self._fill_disk,
            Fault.TURN_CLOCK: self._turn_clock,
            Fault.COPY_HUB: self._copy_hub,
            Fault.RESTORE_HUB: self._restore_hub,
            Fault.DROP_INDEX: self._drop_index,
            Fault.DELETE_INDEX: self._delete_index,
        }

    async def do(self, act: Act) -> bool:
        """Do one act; answers, when it is over, whether it could be done."""
        if act.fault in self._site.skipped:
            return False
        self._say(str(act))
        began = time.monotonic()
        try:
            done = await self._how[act.fault](act)
            if act.fault is not Fault.COPY_HUB:  # a backup is to disturb nobody
                await self._site.until_listening(RESTART_SECONDS)
        finally:
            if act.fault is not Fault.COPY_HUB:
                self.times.append((began, time.monotonic()))
        if done:
            self.done[act.fault] += 1
        else:
            self._say(f"{act.fault} {act.target}: not possible just now")
        return done

    def _process(self, act: Act) -> Process:
        return self._site.processes[act.target]

    async def _kill(self, act: Act) -> bool:
        """What is not running just now is killed as soon as it has been started."""
        for _ in range(round(KILL_SECONDS / _LOOK_SECONDS)):
            if self._process(act).kill():
                return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False

    async def _freeze(self, act: Act) -> bool:
        await self._process(act).freeze(act.seconds)
        return True

    async def _spoil(self, act: Act) -> bool:
        link, chance = self._site.links[act.target], random.Random(act.seed)
        if act.fault is Fault.CUT:
            link.cut()
        elif act.fault is Fault.STALL:
            link.stall()
        elif act.fault is Fault.SLOW:
            link.slow(chance.uniform(0.01, 0.6), chance.choice((2_000, 20_000, 200_000)))
        elif act.fault is Fault.HALF_CLOSE:
            link.half_close()
        else:
            link.forget()
        await asyncio.sleep(act.seconds)
        if act.seconds:
            link.mend()
        return True

    async def _wipe(self, act: Act) -> bool:
        """The broker comes back with nothing."""
        async with self._process(act).held_down():
            await asyncio.to_thread(_empty, self._store)
        return True

    async def _delete_store(self, _: Act) -> bool:
        """The broker's files are deleted while it runs."""
        await asyncio.to_thread(_empty, self._store)
        return True

    async def _flip_bytes(self, act: Act) -> bool:
        """Some bits in the broker's files are not what they were: while it is down, or runs."""
        chance = random.Random(act.seed)
        if chance.random() < 0.5:
            return await asyncio.to_thread(_flip, self._store, chance)
        async with self._process(act).held_down():
            return await asyncio.to_thread(_flip, self._store, chance)

    @property
    def _store(self) -> Path:
        return self._site.folder("nats") / "store"

    async def _delete_in_broker(self, act: Act) -> bool:
        """Somebody deletes the stream, or the hub's consumer, through the broker's own API."""
        try:
            client = await nats.connect(
                self._site.nats_url,
                allow_reconnect=False,
                user_credentials=str(self._site.layout.hub_credentials),
                inbox_prefix=inbox(roles.HUB),
            )
        except (nats.errors.Error, OSError):
            return False
        try:
            if act.fault is Fault.DELETE_STREAM:
                return await client.jetstream().delete_stream(transport.STREAM)
            return await client.jetstream().delete_consumer(
                transport.STREAM, transport.HUB_CONSUMER
            )
        except (nats.errors.Error, TimeoutError):
            return False
        finally:
            await client.close()

    async def _fill_disk(self, act: Act) -> bool:
        with filled(self._site.folder(act.target)):
            await asyncio.sleep(act.seconds)
        return True

    async def _turn_clock(self, act: Act) -> bool:
        turn = random.Random(act.seed).choice((0, 1, 60, 3600, LONGEST_TURN))
        self._site.clocks[act.target].turn(turn * random.Random(act.seed).choice((-1, 1)))
        return True

    async def _copy_hub(self, act: Act) -> bool:
        """A backup, made while the hub runs."""
        copy = self._site.layout.data / _COPIES / f"{act.at:07.2f}.db"
        return await asyncio.to_thread(_back_up, self._database, copy)

    async def _restore_hub(self, act: Act) -> bool:
        """The hub comes back as it was at one of the backups."""
        copies = sorted((self._site.layout.data / _COPIES).glob("*.db"))
        if not copies:
            return False
        copy = random.Random(act.seed).choice(copies)
        async with self._process(act).held_down():
            restored = await asyncio.to_thread(_restore, copy, self._database)
        if restored:
            self._say(f"the hub is as it was at {copy.stem} s")
        return restored

    @property
    def _database(self) -> Path:
        return self._site.folder("hub") / "hub.db"

    async def _drop_index(self, act: Act) -> bool:
        """An index is gone when its service starts."""
        async with self._process(act).held_down():
            await asyncio.to_thread(_empty, self._site.folder(act.target) / "index")
        return True

    async def _delete_index(self, act: Act) -> bool:
        """An index's files are deleted while it is used."""
        await asyncio.to_thread(_empty, self._site.folder(act.target) / "index")
        return True


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _flip(folder: Path, chance: random.Random) -> bool:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    if not files:
        return False
    # Messages are what there is most of; now and then it is what the broker knows of itself.
    messages = [path for path in files if path.suffix == ".blk"]
    path = chance.choice(messages if messages and chance.random() < 0.6 else files)
    with path.open("r+b") as file:
        size = path.stat().st_size
        for _ in range(FLIPPED_BYTES):
            position = chance.randrange(size)
            file.seek(position)
            [byte] = file.read(1)
            file.seek(position)
            file.write(bytes([byte ^ (1 << chance.randrange(8))]))
    return True


def _back_up(source: Path, copy: Path) -> bool:
    try:
        with closing(sqlite3.connect(source)) as running, closing(sqlite3.connect(copy)) as target:
            running.backup(target)
    except sqlite3.Error:
        copy.unlink(missing_ok=True)
        return False
    return True


def _restore(copy: Path, database: Path) -> bool:
    new = database.with_name("restored.db")
    try:
        shutil.copyfile(copy, new)
    except OSError:  # its disk is full at the same time
        new.unlink(missing_ok=True)
        return False
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    new.replace(database)
    return True
