"""How often something may happen for each of many keys, in memory that is bounded.

The generic cell rate algorithm (ITU-T I.371): for each key one number is kept, the time at which
all that was taken is paid for. A key whose time has passed is as good as unknown, and where there
are too many the one that was used longest ago is forgotten.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

MAX_KEYS = 50_000


class Rate:
    """At most `burst` at once and `per_second` in the long run, for each key. It belongs to one
    thread or event loop."""

    def __init__(
        self,
        per_second: float,
        burst: float,
        max_keys: int = MAX_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval = 1 / per_second
        self._credit = burst / per_second
        self._max_keys = max_keys
        self._clock = clock
        self._paid_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one where it is allowed; answers 0, else the seconds until it will be."""
        wait = self.wait(key)
        if not wait:
            self.charge(key, 1)
        return wait

    def wait(self, key: str) -> float:
        """Seconds until one more is allowed; 0 where it is now."""
        now = self._clock()
        owed = max(0.0, self._paid_at.get(key, now) - now)
        return max(0.0, owed + self._interval - self._credit)

    def charge(self, key: str, amount: float) -> None:
        """Count what happened already, allowed or not."""
        now = self._clock()
        paid_at = max(now, self._paid_at.get(key, now)) + amount * self._interval
        self._paid_at[key] = paid_at
        self._paid_at.move_to_end(key)
        if len(self._paid_at) > self._max_keys:
            self._paid_at.popitem(last=False)

    def __len__(self) -> int:
        return len(self._paid_at)
