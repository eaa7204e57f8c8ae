"""Whether a centre withdraws or rewrites too much at once. Pure: it is handed counts and times.

Rules:
- a record is disturbed where it is published here and its centre retracts it or publishes another
  revision of it; new records, and records that come back after a retraction, disturb nothing;
- a record counts once within a window, however often it is disturbed;
- the centre is held at the first entry by which more than `Limits.records` records, and more than
  `Limits.share` of all that it had, would be disturbed within the window;
- old history does not count: an entry written before the window began, about a record that the hub
  has not held as it is for a whole window. A new hub reads years within minutes;
- what the hub's admin let through or refused, up to a number, is not counted again.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Limits:
    """When the brake holds: more than both, within `seconds`."""

    records: int = 50
    share: float = 0.10
    seconds: float = 3600.0


class Ruling(StrEnum):
    """What the brake does with an entry."""

    PASS = "pass"  # noqa: S105 - no password
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Window:
    """What a centre did since the window began: how many records it disturbed, how many of them are
    withdrawn now, and which of those in question are among them."""

    disturbed: int = 0
    withdrawn: int = 0
    known: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Clearance:
    """What the hub's admin decided: numbers up to which entries pass, or are refused."""

    passed_upto: int = 0
    refused_upto: int = 0


@dataclass(slots=True)
class Brake:
    """Judges one centre's entries in the log's order. `published` is how many records of the centre
    are shown; `counted` are the records whose disturbance it let pass now."""

    limits: Limits
    published: int
    window: Window = field(default_factory=Window)
    clearance: Clearance = field(default_factory=Clearance)
    counted: set[str] = field(default_factory=set)
    _withdrawn: set[str] = field(default_factory=set)
    _returned: int = 0

    def judge(self, number: int, record_id: str, *, withdraws: bool, is_history: bool) -> Ruling:
        """Rule on the entry `number`, which would disturb a published record."""
        if number <= self.clearance.refused_upto:
            return Ruling.REFUSE
        if number > self.clearance.passed_upto and not is_history:
            if self._is_new(record_id) and self._is_too_much(self.disturbed + 1):
                return Ruling.HOLD
            self.counted.add(record_id)
        if withdraws:
            self.published -= 1
            self._withdrawn.add(record_id)
        return Ruling.PASS

    def show(self, record_id: str) -> None:
        """Note that a record is shown that was not: a new one, or one that came back."""
        self.published += 1
        if record_id in self._withdrawn:
            self._withdrawn.discard(record_id)
        elif record_id in self.window.known:
            self._returned += 1

    @property
    def disturbed(self) -> int:
        """How many records were disturbed within the window, so far."""
        return self.window.disturbed + len(self.counted - self.window.known)

    @property
    def records(self) -> int:
        """How many records the centre has, with those that it withdrew within the window."""
        gone = self.window.withdrawn + len(self._withdrawn) - self._returned
        return self.published + gone

    def _is_new(self, record_id: str) -> bool:
        return record_id not in self.counted and record_id not in self.window.known

    def _is_too_much(self, disturbed: int) -> bool:
        return disturbed > self.limits.records and disturbed > self.limits.share * self.records
