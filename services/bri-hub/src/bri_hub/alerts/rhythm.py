"""When something is due: digests by their rhythm, failures by a pause that grows.

Rules:
- what is told at once gathers for a pause after each telling, so that forty publications in an
  hour are a few letters and not forty;
- daily and weekly digests leave at one hour of the day (UTC), weekly ones on Mondays;
- what fails is tried again after 5 s, then ever later, for a day and a half; then it is given up.
"""

from datetime import datetime, timedelta
from typing import Literal, get_args

Rhythm = Literal["immediately", "daily", "weekly"]
RHYTHMS: tuple[Rhythm, ...] = get_args(Rhythm)

PAUSES = (5.0, 60.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_000.0)
"""Seconds before each further attempt: the last one is made after somewhat more than a day."""

_MONDAY = 0


def next_due(rhythm: str, now: datetime, *, hour: int, gathering: float) -> datetime:
    """When the next telling is due after one at `now`; `gathering` is in seconds."""
    if rhythm == "immediately":
        return now + timedelta(seconds=gathering)
    due = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if due <= now:
        due += timedelta(days=1)
    if rhythm == "weekly":
        due += timedelta(days=(_MONDAY - due.weekday()) % 7)
    return due


def first_due(rhythm: str, now: datetime, *, hour: int) -> datetime:
    """When the first telling is due of what is followed since `now`."""
    return next_due(rhythm, now, hour=hour, gathering=0)


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many failures in a row; None where it is to be given up."""
    if attempts > len(PAUSES):
        return None
    return now + timedelta(seconds=PAUSES[attempts - 1])
