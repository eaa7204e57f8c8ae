"""The ledger against a hostile centre and broker: whatever comes in whatever order, it holds a
beginning of the honest log, and nothing else."""

import random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from bri_kit import log, signing
from bri_kit.trust import Fault, Judgement, Ledger, Standing
from tests.support.centres import Centre
from tests.support.hostile import Adversary, fork, hashes


class HostileLog(RuleBasedStateMachine):
    """An honest centre writes and rotates; what reaches the ledger is somebody else's choice."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.centre = Centre()
        self.adversary = Adversary(self.centre, self.chance)
        self.ledger = Ledger("sco", self.centre.public_key)
        self.revoked = False

    def deliver(self, *envelopes: bytes) -> list[Judgement]:
        known = dict(enumerate(hashes(self.centre)[: self.ledger.number], 1))
        return self.ledger.judge(envelopes, known.get)

    @rule(count=st.integers(1, 4))
    def write(self, count: int) -> None:
        for _ in range(count):
            self.centre.publish()

    @precondition(lambda self: not self.revoked)
    @rule()
    def rotate(self) -> None:
        self.adversary.copy_key()
        self.centre.rotate()

    @rule(count=st.integers(1, 9), data=st.data())
    def deliver_some(self, count: int, data: st.DataObject) -> None:
        """Honest entries, dropped, repeated and reordered as one likes, with forgeries between."""
        self.adversary.reach(self.ledger.number)
        sent = [self.adversary.replay() for _ in range(count)]
        sent += [self.adversary.forge() for _ in range(data.draw(st.integers(0, 5)))]
        self.chance.shuffle(sent)
        honest = set(hashes(self.centre))
        for judged in self.deliver(*sent):
            if judged.standing is not Standing.REFUSED:
                assert judged.candidate is not None
                assert judged.candidate.hash in honest

    @rule()
    def deliver_all(self) -> None:
        """Whatever was before, the honest log is accepted once it comes in order."""
        if not self.revoked:
            self.deliver(*self.centre.entries)
            assert self.ledger.number == len(self.centre.entries)

    @precondition(lambda self: self.ledger.number > 0 and not self.revoked)
    @rule(data=st.data())
    def fork(self, data: st.DataObject) -> None:
        """What the centre signed twice is a fork, as long as its key counts for the number."""
        number = data.draw(st.integers(1, self.ledger.number))
        [judged] = self.deliver(fork(self.centre, number))
        signs = self.ledger.keys.find(self.centre.public_key)
        if signs is None:
            assert judged.fault is Fault.UNKNOWN_KEY
        else:
            expected = Fault.FORKED_HISTORY if signs.covers(number) else Fault.RETIRED_KEY
            assert judged.fault is expected

    @precondition(lambda self: not self.revoked)
    @rule()
    def revoke(self) -> None:
        """From now on the thief of the key writes; nobody believes a word."""
        in_use = self.ledger.keys.tenures[-1].key
        self.ledger.keys = self.ledger.keys.revoked(in_use, self.ledger.number)
        self.adversary.stolen.append(self.centre.key)
        self.revoked = True
        self.frozen = self.ledger.number

    @invariant()
    def is_a_beginning_of_the_honest_log(self) -> None:
        if not hasattr(self, "ledger"):
            return
        expected = [log.GENESIS, *hashes(self.centre)][self.ledger.number]
        assert self.ledger.head == expected
        if self.revoked:
            assert self.ledger.number == self.frozen
            return
        key = signing.public_key(self.centre.key)
        if self.ledger.number == len(self.centre.entries):
            assert self.ledger.keys.tenures[-1].key == key


HostileLog.TestCase.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
TestHostileLog = HostileLog.TestCase
