"""When to send again what the hub does not have. Pure: it is handed the time.

Rules:
- entries that were sent and that the hub says it lacks are sent again after a while without
  progress: their messages may be lost with a broker's store, or the hub was restored;
- the while doubles each time, up to a limit, and is short again after any progress;
- a hub that says nothing is not progress and not a reason: what was sent waits at the broker.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the relay waits before it does things again, in seconds. `hold` is how long writers
    wait for the hub's first word after a start, `idle` how long a hub that lacks nothing is not
    asked, and `compare` the time between comparisons of the whole log."""

    retry: float = 1.0
    ask: float = 10.0
    answer: float = 5.0
    patience: float = 15.0
    longest_patience: float = 300.0
    hold: float = 5.0
    idle: float = 60.0
    compare: float = 3600.0


@dataclass(slots=True)
class Patience:
    """Watches one hub; times are seconds of a clock that never goes back."""

    first: float = 15.0
    longest: float = 300.0
    _head: int = -1
    _since: float = 0.0
    _wait: float = 0.0

    def heard(self, head: int, sent: int, now: float) -> bool:
        """Whether to send again, now that the hub has everything up to `head` and entries up to
        `sent` were sent."""
        if head >= sent or head != self._head:
            self._head, self._since, self._wait = head, now, self.first
            return False
        if now - self._since < self._wait:
            return False
        self._since, self._wait = now, min(self._wait * 2, self.longest)
        return True
