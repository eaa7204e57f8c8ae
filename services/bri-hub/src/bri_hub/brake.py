"""Whether a centre withdraws or rewrites too much at once. Pure: it is handed counts and times.

Rules:
- a record is disturbed where it is published here and its centre retracts it or publishes another
  revision of it; new records, and records that come back after a retraction, disturb nothing;
- a record counts once within a window, however often it is disturbed;
- two windows protect what was there before (`Span`): of the records shown when the window began,
  no more than `Limits.records` and its share may be disturbed. What was published since counts
  for neither side, so that publishing makes no room for withdrawing;
- all disturbances within the short window, those of records just published too, are held against
  all records that the centre has (`Window`). After a refusal that number does not grow until the
  window is over;
- the centre is held at the first entry that breaks one of the three;
- old history does not count: an entry written before the short window began, about a record that
  the hub has not held as it is for a whole window. A new hub reads years within minutes;
- what the hub's admin let through or refused, up to a number, is not counted again.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Limits:
    """When the brake holds: more than `records`, and more than `share` within `seconds` or than
    `long_share` within `long_seconds`."""

    records: int = 50
    share: float = 0.10
    seconds: float = 3600.0
    long_share: float = 0.5
    long_seconds: float = 7 * 86_400.0


class Ruling(StrEnum):
    """What the brake does with an entry."""

    PASS = "pass"  # noqa: S105 - no password
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Window:
    """What a centre did since the short window began: how many records it disturbed, how many of
    them are withdrawn now, and which of those in question are among them. `most` is the number of
    records that a share is taken of at most, where the admin refused something of late."""

    disturbed: int = 0
    withdrawn: int = 0
    known: Set[str] = frozenset()
    most: int | None = None


@dataclass(slots=True)
class Span:
    """What was shown at the time `begin` (RFC 3339 text) and became of it: how many records, how
    many of them were disturbed since, and which of those in question are among these. `counted`
    are those whose disturbance passes now."""

    begin: str
    share: float
    shown: int
    disturbed: int = 0
    known: Set[str] = frozenset()
    counted: set[str] = field(default_factory=set)

    def protects(self, record_id: str, shown_since: str) -> bool:
        """Whether a record was there when the window began and was not disturbed since."""
        is_counted = record_id in self.known or record_id in self.counted
        return shown_since <= self.begin and not is_counted


@dataclass(frozen=True, slots=True)
class Clearance:
    """What the hub's admin decided: numbers up to which entries pass, or are refused."""

    passed_upto: int = 0
    refused_upto: int = 0


@dataclass(frozen=True, slots=True)
class Excess:
    """What would be too much: so many records disturbed, of so many."""

    disturbed: int
    records: int


@dataclass(slots=True)
class Brake:
    """Judges one centre's entries in the log's order. `published` is how many records of the centre
    are shown; `counted` are the records whose disturbance it let pass now, each with the time since
    when it had been shown; `excess` is set once it holds."""

    limits: Limits
    published: int
    window: Window = field(default_factory=Window)
    clearance: Clearance = field(default_factory=Clearance)
    spans: Sequence[Span] = ()
    counted: dict[str, str] = field(default_factory=dict)
    excess: Excess | None = None
    _withdrawn: set[str] = field(default_factory=set)
    _returned: int = 0

    def judge(
        self,
        number: int,
        record_id: str,
        *,
        withdraws: bool,
        is_history: bool,
        shown_since: str = "",
    ) -> Ruling:
        """Rule on the entry `number`, which would disturb a record that has been shown since a time
        (RFC 3339 text, empty for always)."""
        if number <= self.clearance.refused_upto:
            return Ruling.REFUSE
        if number > self.clearance.passed_upto and not is_history:
            self.excess = self._find_excess(record_id, shown_since)
            if self.excess is not None:
                return Ruling.HOLD
            self._count(record_id, shown_since)
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
        """How many records were disturbed within the short window, so far."""
        return self.window.disturbed + len(self.counted.keys() - self.window.known)

    @property
    def records(self) -> int:
        """How many records the centre has, with those that it withdrew within the short window."""
        gone = self.window.withdrawn + len(self._withdrawn) - self._returned
        total = self.published + gone
        return total if self.window.most is None else min(total, self.window.most)

    def _find_excess(self, record_id: str, shown_since: str) -> Excess | None:
        if record_id not in self.counted and record_id not in self.window.known:
            excess = self._excess(self.disturbed + 1, self.records, self.limits.share)
            if excess is not None:
                return excess
        for span in self.spans:
            if span.protects(record_id, shown_since):
                disturbed = span.disturbed + len(span.counted) + 1
                excess = self._excess(disturbed, span.shown, span.share)
                if excess is not None:
                    return excess
        return None

    def _count(self, record_id: str, shown_since: str) -> None:
        self.counted[record_id] = min(self.counted.get(record_id, shown_since), shown_since)
        for span in self.spans:
            if span.protects(record_id, shown_since):
                span.counted.add(record_id)

    def _excess(self, disturbed: int, records: int, share: float) -> Excess | None:
        is_too_much = disturbed > self.limits.records and disturbed > share * records
        return Excess(disturbed, records) if is_too_much else None
