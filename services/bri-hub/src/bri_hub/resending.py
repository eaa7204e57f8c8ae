"""When a centre is asked to send entries again. Pure: it is handed the time.

Rules:
- what is missing is asked for at once, at most MAX_ENTRIES at a time, the lowest numbers first;
- it is asked for again when nothing has come of it for PATIENCE_SECONDS, because requests are
  hints and may be lost;
- while it comes in, nothing is asked; when it has come, the next missing numbers are.
"""

from dataclasses import dataclass

from bri_hub.domain import Gap

MAX_ENTRIES = 5_000
PATIENCE_SECONDS = 5.0


@dataclass(slots=True)
class _Asked:
    first: int
    last: int
    at: float


class Reminders:
    """Remembers what was asked of each centre."""

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}

    def asked(self, centre: str) -> Gap | None:
        """What was asked of the centre last and has not come yet."""
        asked = self._asked.get(centre)
        return Gap(asked.first, asked.last) if asked else None

    def next_request(self, centre: str, missing: Gap | None, now: float) -> Gap | None:
        """What to ask of the centre now, of which `missing` is missing. `now` is in seconds."""
        if missing is None:
            self._asked.pop(centre, None)
            return None
        asked = self._asked.get(centre)
        if asked and missing.first <= asked.last:
            if missing.first > asked.first:
                asked.first, asked.at = missing.first, now
            if now - asked.at < PATIENCE_SECONDS:
                return None
        last = min(missing.last, missing.first + MAX_ENTRIES - 1)
        self._asked[centre] = _Asked(missing.first, last, now)
        return Gap(missing.first, last)
