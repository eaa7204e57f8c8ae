"""Finding the one record that a whole batch fails by.

Rules:
- where an engine does not take a batch though nothing is wrong with it (BatchFailed), the next
  batch is half as large, until one record is left; that one is set aside, and batches grow again;
- a record is blamed that fails by itself TRIES times in a row, and only as long as the engine takes
  what comes without it: one that fails then too has another reason, and the record is tried again.
"""

from collections import Counter
from collections.abc import Sequence

from bri_retrieval.engine import Change

TRIES = 3


class Isolation:
    """How large batches may be, and who is blamed. Used by one thread at a time."""

    def __init__(self, most: int) -> None:
        """Batches have `most` changes where nothing fails."""
        self._whole = self.most = most
        """So many changes go into the next commit."""
        self._blamed: dict[str, tuple[int, str]] = {}
        self._failures: Counter[str] = Counter()

    def screened(self, change: Change) -> Change:
        """The change, set aside where it is blamed."""
        number, reason = self._blamed.get(change.record_id, (0, ""))
        if number != change.number:
            return change
        return Change(change.number, change.record_id, None, unreadable=reason)

    def failed(self, changes: Sequence[tuple[str, int]], reason: str) -> None:
        """A batch of these changes, each a record and a number, was not taken."""
        self.most = max(min(self.most, len(changes)) // 2, 1)
        if len(changes) != 1:
            return
        ((name, number),) = changes
        if self._blamed.pop(name, None):
            self._failures.clear()
            return
        self._failures[name] += 1
        if self._failures[name] >= TRIES:
            self._blamed[name] = (number, reason)

    def succeeded(self) -> None:
        """A batch was taken."""
        self._failures.clear()
        self.most = min(2 * self.most, self._whole)
        if self.most == self._whole:
            self._blamed.clear()
