"""Whether entries may be written now. A log whose database was restored from a backup must not use
numbers again that it has used: that would fork it.

Rules:
- only the hub can tell that the log was longer; so after a start writers wait for its first word,
  though not longer than `hold` seconds: without a hub or a line to it editors go on;
- what is written without that word stays here until the hub has spoken (see `relay`);
- while the hub is known to hold more of the log than we do nothing is written, until it is fetched;
- a node without a hub, and one that has just made its key, can have lost nothing.
"""

import threading
import time

from bri_kit.errors import Unavailable


class LogUnsettled(Unavailable):
    """Entries cannot be written before the log is whole again."""

    title = "The log is being restored"


class Gate:
    """Open, or closed for a reason. May be used from any thread."""

    def __init__(self, hold: float = 0.0) -> None:
        """`hold` is how long writers wait for the hub's first word, in seconds; 0 for no need."""
        self._until = time.monotonic() + hold
        self._heard = threading.Event()
        self._reason = ""
        if not hold:
            self._heard.set()

    @property
    def is_confirmed(self) -> bool:
        """Whether the hub has said that our log is whole, or need not say it."""
        return self._heard.is_set() and not self._reason

    @property
    def reason(self) -> str:
        """Why the gate is closed, in words; empty where it is open."""
        return self._reason

    def wait(self) -> None:
        """Give the hub the time that is left to say its first word. Not within a transaction."""
        self._heard.wait(max(0.0, self._until - time.monotonic()))

    def check(self) -> None:
        """Let entries be written.

        Raises:
            LogUnsettled: the gate is closed.
        """
        if self._reason:
            raise LogUnsettled(self._reason)

    def close(self, reason: str) -> None:
        """Let no entries be written, and say why."""
        self._reason = reason
        self._heard.set()

    def confirm(self) -> None:
        """Open: the log is whole."""
        self._reason = ""
        self._heard.set()
