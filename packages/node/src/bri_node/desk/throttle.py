"""How often a sign-in may be attempted, and how many passwords are verified at a time.

Rules:
- an attempt is charged before its password is verified, and given back where it was right: however
  many arrive at once, no more are verified than may fail;
- a device that the user has signed in on is charged by itself. Any other is charged to its address,
  and to the name from all addresses together, which may fail NAME_FACTOR times as often: guessing
  from many addresses is slowed, and keeps nobody from a device of their own;
- argon2id takes 64 MiB a verification. Two run at a time, one for known devices and one for others,
  on threads of their own; beyond MAX_WAITING that wait, an attempt is refused (429).
"""

import asyncio
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from bri_kit.errors import TooManyRequests
from bri_kit.rates import Rate

NAME_FACTOR = 10
MAX_WAITING = 10
_BUSY_SECONDS = 2


@dataclass(slots=True)
class Attempt:
    """One attempt to sign in; it failed unless it is said to have succeeded."""

    has_succeeded: bool = False


class Throttle:
    """Counts failed attempts; `per_minute` may fail of one device or address. Its methods may be
    called from any thread."""

    def __init__(self, per_minute: int) -> None:
        every_name = per_minute * NAME_FACTOR
        self._single = Rate(per_second=per_minute / 60, burst=per_minute)
        self._names = Rate(per_second=every_name / 60, burst=every_name)
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self, address: str, name: str, device: str | None) -> Iterator[Attempt]:
        """Charge an attempt, and give it back if it succeeds or does not come about.

        Raises:
            TooManyRequests: too many have failed.
        """
        if device is not None:
            charges = [(self._single, f"device {device} {name}")]
        else:
            charges = [(self._single, f"address {address}"), (self._names, name)]
        self._charge(charges)
        attempt = Attempt()
        try:
            yield attempt
        except BaseException:
            self._give_back(charges)
            raise
        if attempt.has_succeeded:
            self._give_back(charges)

    def _charge(self, charges: Sequence[tuple[Rate, str]]) -> None:
        with self._lock:
            if wait := math.ceil(max(rate.wait(key) for rate, key in charges)):
                raise TooManyRequests(f"Try again in {wait} s.", retry_after=wait)
            for rate, key in charges:
                rate.charge(key, 1)

    def _give_back(self, charges: Sequence[tuple[Rate, str]]) -> None:
        with self._lock:
            for rate, key in charges:
                rate.charge(key, -1)


class _Lane:
    """One verification at a time, and few that wait. Belongs to one event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._pending = 0

    async def run(self, verify: Callable[[], bool]) -> bool:
        if self._pending > MAX_WAITING:
            raise TooManyRequests(f"Try again in {_BUSY_SECONDS} s.", retry_after=_BUSY_SECONDS)
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, verify)
        finally:
            self._pending -= 1


class Verifications:
    """Where passwords are verified. Belongs to one event loop."""

    def __init__(self) -> None:
        self._known = _Lane()
        self._others = _Lane()

    async def run(self, verify: Callable[[], bool], *, is_known: bool) -> bool:
        """What `verify` returns, on a thread of its own.

        Raises:
            TooManyRequests: too many wait already.
        """
        return await (self._known if is_known else self._others).run(verify)
