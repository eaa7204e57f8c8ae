"""The attacker of a long run, in a process of its own: `python -m tests.chaos.attacks.attacker
ORDER` plays the attacks that its order names, one after the other in an order that follows from the
seed, and begins again, until it gets SIGTERM. A line of JSON tells what it did.
"""

import asyncio
import json
import logging
import random
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

import httpx
import structlog

from bri_cli.child import tie_to_parent
from tests.chaos.attacks.catalogue import ATTACKS
from tests.chaos.attacks.play import play
from tests.chaos.attacks.stage import Place, Stage

HOSTILE = "evil-"
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to attack, with what, by which seed, and the file that is written."""

    place: dict[str, str]
    attacks: list[str]
    seed: int
    out: str


@dataclass(frozen=True, slots=True)
class Played:
    """An attack that was played, from when to when by the monotonic clock; `statuses` are the
    answers that it got."""

    name: str
    begin: float
    end: float
    problem: str
    statuses: dict[str, int]


@dataclass(slots=True)
class Account:
    """All that an attacker did; `asked` are the marks of what it published at a node."""

    played: list[Played] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def read(path: Path) -> Account:
    """What an attacker wrote."""
    account = Account()
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            document: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        if "mark" in document:
            account.asked.append(document["mark"])
        else:
            account.played.append(Played(**document))
    return account


class Attacking:
    """The process, from outside."""

    def __init__(self, place: Place, attacks: Sequence[str], seed: int, folder: Path) -> None:
        self.out = folder / "attacker.jsonl"
        self._order = Order(asdict(place), list(attacks), seed, str(self.out))
        self._file = folder / "attacker.json"
        self._process: Process | None = None

    async def start(self) -> None:
        """Begin to attack."""
        self._file.write_text(json.dumps(asdict(self._order)))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.chaos.attacks.attacker",
            str(self._file),
            preexec_fn=tie_to_parent(),
        )

    async def stop(self) -> Account:
        """Give up the attack under way; what was done."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()
        return read(self.out)


async def attack(order: Order, out: TextIO) -> None:
    """Attack until cancelled."""
    place, chance = Place(**order.place), random.Random(order.seed)

    def write(document: dict[str, Any]) -> None:
        out.write(json.dumps(document) + "\n")
        out.flush()

    joined: list[str] = []
    while True:
        for name in chance.sample(order.attacks, len(order.attacks)):
            stage = Stage(
                place,
                random.Random(chance.randrange(2**32)),
                joined,
                asking=lambda mark: write({"mark": mark}),
            )
            await _until_up(place)
            begin, problem = time.monotonic(), ""
            try:
                problem = await play(ATTACKS[name], stage)
            finally:  # also of the one that the end of the run cuts off
                statuses = {str(status): count for status, count in stage.statuses.items()}
                write(asdict(Played(name, begin, time.monotonic(), problem, statuses)))
            await asyncio.sleep(_PAUSE_SECONDS)


async def _until_up(place: Place) -> None:
    """Wait until both sites answer: who is down already shows nothing."""
    async with httpx.AsyncClient(timeout=5.0) as client:
        for url in (place.hub, place.node):
            while True:
                try:
                    await client.get(f"{url}/healthz")
                except httpx.HTTPError:
                    await asyncio.sleep(_PAUSE_SECONDS)
                else:
                    break


async def _until_told(order: Order, out: TextIO) -> None:
    attacking = asyncio.create_task(attack(order, out))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, attacking.cancel)
    await asyncio.wait([attacking])
    if not attacking.cancelled():
        attacking.result()


def main() -> None:
    """Attack as the order in a file says."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("nats").setLevel(logging.CRITICAL)
    order = Order(**json.loads(Path(sys.argv[1]).read_text()))
    with Path(order.out).open("w") as out:
        asyncio.run(_until_told(order, out))


if __name__ == "__main__":
    main()
