"""What is done to a federation, and when. Pure: the same seed gives the same schedule.

Every kind of fault comes at least once, at a random moment; kills are spread over the whole time.
How long a fault lasts, and whatever else is left to chance in it, is decided here too: each act
carries a seed of its own. `in_rounds` leaves calm between them, in which what is promised of
answers can be judged while an attacker goes on.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

SEARCHES = ("search-a", "search-b")
NODES = ("sco", "asean")
PROCESSES = ("nats", "hub", *NODES, *SEARCHES)
LINKS = ("sco-nats", "asean-nats", "hub-nats", "search-a-hub", "search-b-hub", "hub-search")


class Fault(StrEnum):
    """A kind of fault."""

    KILL = "kill"
    FREEZE = "freeze"
    CUT = "cut"
    STALL = "stall"
    SLOW = "slow"
    HALF_CLOSE = "half-close"
    FORGET = "forget"
    WIPE_BROKER = "wipe-broker"
    DELETE_STORE = "delete-store"
    FLIP_BYTES = "flip-bytes"
    DELETE_STREAM = "delete-stream"
    DELETE_CONSUMER = "delete-consumer"
    FILL_DISK = "fill-disk"
    TURN_CLOCK = "turn-clock"
    COPY_HUB = "copy-hub"
    RESTORE_HUB = "restore-hub"
    DROP_INDEX = "drop-index"
    DELETE_INDEX = "delete-index"


@dataclass(frozen=True, slots=True)
class Act:
    """One fault: `at` and `seconds` (how long it lasts) in seconds from the start."""

    at: float
    fault: Fault
    target: str
    seconds: float
    seed: int

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.fault} {self.target}{lasting}"


@dataclass(frozen=True, slots=True)
class _Habit:
    """How often a fault comes, on what, and how many seconds it lasts."""

    a_minute: float
    targets: Sequence[str]
    shortest: float = 0.0
    longest: float = 0.0


_KILLED = (*PROCESSES, "nats", "hub")  # what everybody depends on is killed twice as often
_HABITS: Mapping[Fault, _Habit] = {
    Fault.FREEZE: _Habit(2, PROCESSES, 0.5, 8),
    Fault.CUT: _Habit(3, LINKS, 0.5, 8),
    Fault.STALL: _Habit(2, LINKS, 0.5, 8),
    Fault.SLOW: _Habit(2, LINKS, 3, 12),
    Fault.HALF_CLOSE: _Habit(2, LINKS),
    Fault.FORGET: _Habit(0.8, LINKS),
    Fault.WIPE_BROKER: _Habit(0.6, ("nats",)),
    Fault.DELETE_STORE: _Habit(0.4, ("nats",)),
    Fault.FLIP_BYTES: _Habit(0.6, ("nats",)),
    Fault.DELETE_STREAM: _Habit(0.6, ("nats",)),
    Fault.DELETE_CONSUMER: _Habit(0.6, ("nats",)),
    Fault.FILL_DISK: _Habit(1, PROCESSES, 1, 6),
    Fault.TURN_CLOCK: _Habit(1.5, ("hub", *NODES)),
    Fault.COPY_HUB: _Habit(1.5, ("hub",)),
    Fault.RESTORE_HUB: _Habit(0.6, ("hub",)),
    Fault.DROP_INDEX: _Habit(0.8, (*SEARCHES, *NODES)),
    Fault.DELETE_INDEX: _Habit(0.6, (*SEARCHES, *NODES)),
}
ROUND_SECONDS, FAULTY_SECONDS = 60.0, 24.0
_ALONE = 4
"""Where one kind of fault is asked for alone it comes so many times as often."""


def plan(seed: int, seconds: float, kills: int, only: Sequence[Fault] = ()) -> list[Act]:
    """The acts of a run, in the order of their times. `only` leaves out all other kinds."""
    chance = random.Random(seed)
    acts = [_act(chance, Fault.KILL, _Habit(0, _KILLED), seconds) for _ in range(kills)]
    for fault, habit in _HABITS.items():
        count = max(1, round(habit.a_minute * seconds / 60 * (_ALONE if only else 1)))
        acts += [_act(chance, fault, habit, seconds) for _ in range(count)]
    wanted = set(only)
    if Fault.RESTORE_HUB in wanted:
        wanted.add(Fault.COPY_HUB)
    return sorted((a for a in acts if not only or a.fault in wanted), key=lambda act: act.at)


def in_rounds(acts: Sequence[Act]) -> list[Act]:
    """The same acts, so that in every round of ROUND_SECONDS only the first FAULTY_SECONDS have
    any: what was planned for a time is done over as many rounds as it takes."""
    return [replace(act, at=round(_in_round(act.at), 2)) for act in acts]


def faulty_seconds(seconds: float) -> float:
    """For how long faults are made in a run of `seconds` that has rounds."""
    rounds, rest = divmod(seconds, ROUND_SECONDS)
    return rounds * FAULTY_SECONDS + min(rest, FAULTY_SECONDS)


def _in_round(at: float) -> float:
    rounds, rest = divmod(at, FAULTY_SECONDS)
    return rounds * ROUND_SECONDS + rest


def _act(chance: random.Random, fault: Fault, habit: _Habit, seconds: float) -> Act:
    return Act(
        at=round(chance.uniform(0.02, 0.98) * seconds, 2),
        fault=fault,
        target=chance.choice(habit.targets),
        seconds=round(chance.uniform(habit.shortest, habit.longest), 1),
        seed=chance.randrange(2**32),
    )
