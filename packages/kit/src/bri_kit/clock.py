"""The time, in one place so that tests can turn it, and the reading of times that are stored.

A stored time may be anything that anybody ever signed: reading one never raises, and what cannot be
read is None, never a time that nobody said.
"""

from datetime import UTC, date, datetime, timedelta

_LONGEST = 40


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """`moment` as RFC 3339 text in UTC with milliseconds: `2026-11-22T08:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def timestamp() -> str:
    """The current time as RFC 3339 text in UTC."""
    return rfc3339(now())


def read_time(text: str) -> datetime | None:
    """An RFC 3339 time, in UTC; None where it is none, has no offset, or lies outside the years 1
    to 9999 once it is in UTC."""
    if len(text) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def read_day(text: str) -> date | None:
    """The day of an ISO 8601 date, or the day that an RFC 3339 time itself names; None where it is
    neither."""
    if len(text) > _LONGEST:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def shifted(moment: datetime, by: timedelta) -> datetime:
    """`moment` earlier or later, no further than there are years."""
    try:
        return moment + by
    except OverflowError:
        if by > timedelta():
            return datetime.max.replace(tzinfo=moment.tzinfo)
        return datetime.min.replace(tzinfo=moment.tzinfo)
