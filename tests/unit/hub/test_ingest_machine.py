"""Ingest against a hostile centre and broker, and the brake against an impatient centre."""

import random
from datetime import UTC, datetime, timedelta

import time_machine
from bri.log.v1 import log_pb2
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bri_hub import administration
from bri_hub.brake import Limits
from bri_hub.domain import CentreState
from bri_kit import clock
from bri_kit.errors import IllegalTransition
from tests.support.centres import Centre, a_record
from tests.support.hostile import Adversary, fork, hashes
from tests.unit.hub.hub import Hub, entry_hashes, verdicts_of

QUICK = settings(max_examples=8, stateful_step_count=12, deadline=None)


class HostileIngest(RuleBasedStateMachine):
    """An honest centre writes; a broker delivers what it likes, and adds inventions."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.hub, self.centre = Hub(), Centre()
        self.hub.limits = Limits(10**9)
        self.hub.admit(self.centre)
        self.adversary = Adversary(self.centre, self.chance)
        self.ids: list[str] = []
        self.forks: list[bytes] = []
        self.suspended = False

    @rule(count=st.integers(1, 5))
    def publish(self, count: int) -> None:
        for _ in range(count):
            self.ids.append(self.centre.record_id())
            self.centre.publish(a_record(self.ids[-1]))

    @precondition(lambda self: self.ids)
    @rule()
    def retract(self) -> None:
        self.centre.retract(self.ids.pop(self.chance.randrange(len(self.ids))))

    @rule()
    def rotate(self) -> None:
        self.adversary.copy_key()
        self.centre.rotate()

    @rule(count=st.integers(0, 9), forgeries=st.integers(0, 9))
    def deliver(self, count: int, forgeries: int) -> None:
        """Some of what there is, in any order, among forgeries and old evidence."""
        self.adversary.reach(self.hub.centre().number)
        sent = [self.adversary.replay() for _ in range(count)]
        sent += [self.adversary.forge() for _ in range(forgeries)]
        sent += self.forks[-1:]
        self.chance.shuffle(sent)
        self.hub.take(*sent)

    @rule()
    def deliver_all(self) -> None:
        """Everything in order is all there is, unless the centre is suspended."""
        self.hub.take(*self.centre.entries)
        if not self.suspended:
            assert self.hub.centre().number == len(self.centre.entries)

    @precondition(lambda self: self.hub.centre().number > 0 and not self.suspended)
    @rule(data=st.data())
    def fork(self, data: st.DataObject) -> None:
        """The centre contradicts itself, by a key that counts for the number."""
        number = data.draw(st.integers(1, self.hub.centre().number))
        told = self.hub.ask(lambda s: administration.list_centres(s))["items"][0]["keys"]
        if self.hub.centre().public_key != self.centre.public_key or told[-1]["first"] > number:
            return
        self.forks.append(fork(self.centre, number))
        self.hub.take(self.forks[-1])
        self.suspended = True

    @precondition(lambda self: self.suspended)
    @rule()
    def resume(self) -> None:
        self.hub.decide(lambda s, why: administration.set_state(s, why, "resume"))
        self.suspended = False
        self.hub.take_released()

    @invariant()
    def holds_a_beginning_of_the_honest_log(self) -> None:
        if not hasattr(self, "hub"):
            return
        held, centre = self.hub.ask(entry_hashes), self.hub.centre()
        assert held == hashes(self.centre)[: len(held)]
        assert len(held) == centre.number
        state = CentreState.SUSPENDED if self.suspended else CentreState.ACTIVE
        assert centre.state == state
        shown = sum(state == "published" for _, _, state, _ in self.hub.states())
        assert shown == centre.records

    def teardown(self) -> None:
        if hasattr(self, "hub"):
            self.hub.engine.dispose()


class ImpatientCentre(RuleBasedStateMachine):
    """A centre that writes, rewrites and withdraws in bursts, while the clock runs and the admin
    decides. Held against what the rule promises, counted here in another way."""

    @initialize(records=st.integers(0, 30))
    def begin(self, records: int) -> None:
        self.limits = Limits(4, share=0.2, seconds=600, long_share=0.4, long_seconds=3_000)
        self.events: list[tuple[datetime, int, str, str]] = []
        self.moment = datetime(2026, 11, 22, 8, tzinfo=UTC)
        self.hub, self.centre = Hub(), Centre()
        self.hub.limits = self.limits
        self.hub.admit(self.centre)
        self.live: dict[str, int] = {}
        self.about: dict[int, str] = {}
        self.disturbed: list[tuple[datetime, str]] = []
        self.verdicts: dict[int, str] = {}
        self.let_through = self.released = 0
        self.read: list[tuple[str, str]] = []
        self.publish(records)

    def send(self, *envelopes: bytes) -> None:
        with time_machine.travel(self.moment, tick=False):
            self.note(self.hub.take(*envelopes))

    def note(self, outcome: object) -> None:
        for number, verdict in verdicts_of(outcome).items():  # type: ignore[arg-type]
            before = self.verdicts.get(number)
            assert before in (None, "HELD", verdict)
            self.verdicts[number] = verdict
            is_new = verdict == "ACCEPTED" != before
            if is_new:
                kind = self.kinds[number - 1]
                self.events.append((self.moment, number, *kind))
            if is_new and number > self.let_through and number in self.about:
                self.disturbed.append((self.moment, self.about[number]))

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """What each entry of the log does, and to which record."""
        while len(self.read) < len(self.centre.entries):
            signed = log_pb2.SignedEntry.FromString(self.centre.entries[len(self.read)])
            entry = log_pb2.Entry.FromString(signed.entry)
            publishes = entry.HasField("published")
            record = entry.published.id if publishes else entry.retracted.record_id
            self.read.append(("publish" if publishes else "retract", record))
        return self.read

    def stamp(self) -> None:
        self.centre.at = clock.rfc3339(self.moment)

    @rule(count=st.integers(1, 9))
    def publish(self, count: int) -> None:
        """New records are never held, but behind a hold."""
        self.stamp()
        sent = []
        for _ in range(count):
            record = self.centre.record_id()
            self.live[record] = 1
            sent.append(self.centre.publish(a_record(record)))
        held = self.is_held
        self.send(*sent)
        assert self.is_held == held

    @precondition(lambda self: self.live)
    @rule(count=st.integers(1, 12), withdraws=st.booleans(), data=st.data())
    def disturb(self, count: int, withdraws: bool, data: st.DataObject) -> None:
        self.stamp()
        sent = []
        for _ in range(min(count, len(self.live))):
            record = data.draw(st.sampled_from(sorted(self.live)))
            self.about[len(self.centre.entries) + 1] = record
            if withdraws:
                sent.append(self.centre.retract(record, self.live.pop(record)))
            else:
                self.live[record] += 1
                sent.append(self.centre.publish(a_record(record, self.live[record])))
        self.send(*sent)

    @rule(seconds=st.integers(1, 700))
    def wait(self, seconds: int) -> None:
        self.moment += timedelta(seconds=seconds)

    @rule(refuses=st.booleans())
    def decide(self, refuses: bool) -> None:
        held = self.is_held
        step = administration.refuse if refuses else administration.release
        try:
            self.hub.decide(step)
        except IllegalTransition:
            assert not held
            return
        self.let_through = len(self.centre.entries)
        if not refuses:
            self.disturbed.clear()
            self.released = self.let_through
        with time_machine.travel(self.moment, tick=False):
            self.note(self.hub.take_released())
        assert not self.is_held

    @property
    def is_held(self) -> bool:
        [centre] = self.hub.ask(administration.list_centres)["items"]
        return centre["hold"] is not None

    @invariant()
    def no_more_is_disturbed_than_allowed(self) -> None:
        if not hasattr(self, "hub"):
            return
        since = self.moment - timedelta(seconds=self.limits.seconds)
        recent = {record for at, record in self.disturbed if at > since}
        centre = self.hub.centre()
        allowed = max(self.limits.records, self.limits.share * (centre.records + len(recent)))
        assert len(recent) <= allowed

    @invariant()
    def what_was_there_before_is_still_there(self) -> None:
        """Of the records shown when a window began, no more than its share was withdrawn or
        rewritten in it without the admin's word, as seen whenever one of them was."""
        if not hasattr(self, "hub"):
            return
        for seconds, share in ((600, 0.2), (3_000, 0.4)):
            window = timedelta(seconds=seconds)
            moment = self.last_loss(window)
            shown: set[str] = set()
            harmed: set[str] = set()
            if moment is None:
                continue
            begin = moment - window
            for at, number, kind, record in self.events:
                if begin < at <= moment and record in shown and number > self.released:
                    harmed.add(record)
                elif at <= begin:
                    (shown.add if kind == "publish" else shown.discard)(record)
            assert len(harmed) <= max(self.limits.records, share * len(shown))

    def last_loss(self, window: timedelta) -> datetime | None:
        """When a record that had been shown for a whole window was withdrawn or rewritten last."""
        since: dict[str, datetime] = {}
        found = None
        for at, number, kind, record in self.events:
            if record in since and since[record] <= at - window and number > self.released:
                found = at
            if kind == "publish":
                since.setdefault(record, at)
            else:
                since.pop(record, None)
        return found

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "hub"):
            centre = self.hub.centre()
            assert centre.newest == len(self.centre.entries)
            assert set(self.verdicts) == set(range(1, centre.newest + 1))
            assert (centre.number < centre.newest) == self.is_held

    def teardown(self) -> None:
        if hasattr(self, "hub"):
            self.hub.engine.dispose()


HostileIngest.TestCase.settings = QUICK
ImpatientCentre.TestCase.settings = QUICK
TestHostileIngest = HostileIngest.TestCase
TestImpatientCentre = ImpatientCentre.TestCase
