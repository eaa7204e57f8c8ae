"""Hostile entries by the ten thousand, against ingest with its database: `main(entries, seed)`.

One honest centre writes, rewrites, withdraws and changes its key; a broker delivers its entries
late, twice and out of order, among forgeries of every kind, replays, the centre's own forks, and
what a thief signs with a revoked key. The same seed gives the same run. At the end the hub's log is
the honest one, entry by entry, and nothing else.
"""

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from nacl.signing import SigningKey

from bri_hub import administration
from bri_hub.brake import Limits
from bri_hub.domain import CentreState
from bri_kit import signing
from tests.support.centres import Centre, a_record
from tests.support.hostile import Adversary, fork, hashes
from tests.unit.hub.hub import Hub, entry_hashes

BATCH = 200
_FORKS = 0.1
_ROTATIONS = 0.1
_REVOCATIONS = 0.03
_SILENCES = 0.1


@dataclass(slots=True)
class Figures:
    """What happened; `accepted` counts hostile entries that became part of the log."""

    hostile: int = 0
    honest: int = 0
    accepted: int = 0
    suspended: int = 0
    revoked: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)


class Siege:
    """One hub, one honest centre, and everybody else."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.hub = Hub()
        self.hub.limits = Limits(
            10**9
        )  # the brake has its own tests; here it would hold the centre
        self.centre = Centre("sco", SigningKey(self.chance.randbytes(32)))
        self.hub.admit(self.centre)
        self.adversary = Adversary(self.centre, self.chance)
        self.figures = Figures()
        self.ids: list[str] = []
        self.forks: list[bytes] = []
        self.delivered = 0

    def act(self, budget: int) -> None:
        """One batch: what the centre has written since, and up to `budget` hostile entries."""
        self._write()
        self.adversary.reach(self.delivered)
        hostile = [self.adversary.forge() for _ in range(min(BATCH, budget) * 3 // 4)]
        hostile += [self._repeat() for _ in range(min(BATCH, budget) - len(hostile))]
        honest = self.centre.entries[self.delivered :]
        if self.chance.random() < _SILENCES:
            honest = honest[: len(honest) // 2]
        mixed = [*hostile, *honest]
        self.chance.shuffle(mixed)
        outcome = self.hub.take(*mixed)
        self.figures.hostile += len(hostile)
        self.figures.faults.update(refused.fault for _, refused in outcome.refused)
        self.hub.take(*honest)
        self.delivered = self.hub.centre().number
        self._decide()

    def _write(self) -> None:
        for _ in range(self.chance.randrange(1, 9)):
            if self.ids and self.chance.random() < 0.2:
                self.centre.retract(self.ids.pop())
            else:
                self.ids.append(self.centre.record_id())
                self.centre.publish(a_record(self.ids[-1]))
        if self.chance.random() < _ROTATIONS:
            self.adversary.copy_key()
            self.centre.rotate(SigningKey(self.chance.randbytes(32)))

    def _repeat(self) -> bytes:
        if self.forks and self.chance.random() < 0.5:
            return self.chance.choice(self.forks)
        return self.adversary.replay()

    def _decide(self) -> None:
        """Now and then the centre contradicts itself, or its key is stolen and revoked; the hub's
        admin looks into it."""
        is_whole = self.delivered == len(self.centre.entries)
        if is_whole and self.chance.random() < _FORKS:
            self._fork()
        if is_whole and self.chance.random() < _REVOCATIONS:
            self._revoke()

    def _fork(self) -> None:
        [told] = self.hub.ask(administration.list_centres)["items"]
        first = told["keys"][-1]["first"]
        if first > self.delivered:
            return
        self.forks.append(fork(self.centre, self.chance.randrange(first, self.delivered + 1)))
        self.hub.take(self.forks[-1])
        self.figures.hostile += 1
        assert self.hub.centre().state == CentreState.SUSPENDED, "a fork was not noticed"
        self.figures.suspended += 1
        self.hub.decide(lambda session, why: administration.set_state(session, why, "resume"))

    def _revoke(self) -> None:
        self.adversary.stolen.append(self.centre.key)
        self.centre.key = SigningKey(self.chance.randbytes(32))
        public = signing.public_key(self.centre.key)
        self.hub.decide(administration.revoke_key)
        self.hub.decide(lambda session, why: administration.enter_key(session, why, public))
        self.figures.revoked += 1

    def finish(self) -> None:
        """Deliver what is left, and compare."""
        self.hub.take(*self.centre.entries[self.delivered :])
        held, honest = self.hub.ask(entry_hashes), hashes(self.centre)
        self.figures.honest = len(honest)
        self.figures.accepted = len(set(held) - set(honest))
        state = self.hub.centre().state
        self.hub.engine.dispose()
        assert held == honest, "the hub's log is not the honest one"
        assert state == CentreState.ACTIVE, "the centre was suspended without a fork"


def besiege(entries: int, seed: int) -> Figures:
    """Send so many hostile entries.

    Raises:
        AssertionError: one was accepted, or kept an honest one out.
    """
    siege, began = Siege(seed), time.monotonic()
    while siege.figures.hostile < entries:
        siege.act(entries - siege.figures.hostile)
    siege.finish()
    siege.figures.seconds = time.monotonic() - began
    return siege.figures


def main(entries: int, seed: int) -> Figures:
    """Send so many hostile entries, and print what became of them."""
    figures = besiege(entries, seed)
    print(
        f"hostile entries {figures.hostile:,}, accepted {figures.accepted}; honest entries"
        f" {figures.honest:,}, all held; forks that suspended {figures.suspended}, keys revoked"
        f" {figures.revoked}; {figures.seconds:.0f} s (seed {seed})",
        flush=True,
    )
    for fault, count in figures.faults.most_common():
        print(f"  refused as {fault:<20} {count:>8,}", flush=True)
    return figures


if __name__ == "__main__":
    main(*map(int, [*sys.argv[1:], "100000", "1"][:2]))
