"""Bounds of single values: characters, lengths, dates and times. Pure.

Rules:
- text holds the characters of XML 1.0 and no others: no control characters but tab and line ends,
  no lone surrogates, no U+FFFE and U+FFFF. Other noncharacters are legal in XML and allowed;
- lengths are counted in characters; a character is four bytes of UTF-8 at most;
- dates are ISO 8601, from FIRST_YEAR to the end of the year after next;
- times are RFC 3339 in UTC, written with `Z`, within the same years. A clock that is wrong by days
  is not an error; one that is wrong by years is.
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache

FIRST_YEAR = 1000
YEARS_AHEAD = 2
MAX_TITLE = 1_000
MAX_SUMMARY = 5_000
MAX_TEXT = 1_000
"""Limit of short texts (source, policy fields), in characters."""
MAX_ADDRESS = 2_000
MAX_REASON = 1_000
"""Limit of a retraction's reason, in characters."""
MAX_ITEMS = 250
"""Limit of lists (countries, topics, amended instruments)."""
MAX_EDITIONS = 100
MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_QUOTED = 40
"""How much of a value that is wrong a message repeats, in characters."""

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_ILLEGIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z")


def has_control_character(text: str) -> bool:
    """Whether `text` holds what XML 1.0 forbids, so that no feed could carry it: control characters
    other than tab and line ends, lone surrogates, U+FFFE and U+FFFF."""
    if len(text) < 100 and text.isprintable():
        return False
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return True
    # Ten times as fast as a regular expression over the characters.
    forbidden = len(data.translate(None, _CONTROLS)) < len(data)
    return forbidden or "\ufffe" in text or "\uffff" in text


def legible(text: str, limit: int) -> str:
    """The first `limit` characters of `text`, without those that XML 1.0 forbids."""
    return _ILLEGIBLE.sub("", text[:limit])


def date_problem(text: str, today: date) -> str:
    """What is wrong with a date, as seen on the day `today`; empty where nothing is, and for an
    empty one, which is not known."""
    if not text:
        return ""
    day = _read_date(text)
    if day is None:
        return f"{text[:MAX_QUOTED]!r} is not an ISO 8601 date such as 2019-01-08"
    if is_near(day, today):
        return ""
    return f"must lie between {FIRST_YEAR}-01-01 and {last_year(today)}-12-31"


def time_problem(text: str, today: date) -> str:
    """What is wrong with a time, as seen on the day `today`; empty where nothing is."""
    moment = read_time(text)
    if moment is None:
        return f"{text[:MAX_QUOTED]!r} is not an RFC 3339 time in UTC such as 2026-11-22T08:00:00Z"
    if is_near(moment, today):
        return ""
    return f"is no time that can be: the clock that set it says {text[:MAX_QUOTED]}"


def is_near(day: date, today: date) -> bool:
    """Whether a day is one that records may name, as seen on the day `today`."""
    return FIRST_YEAR <= day.year <= last_year(today)


def last_year(today: date) -> int:
    """The last year that records may name, as seen on the day `today`."""
    return today.year + YEARS_AHEAD


def read_time(text: str) -> datetime | None:
    """The moment that an RFC 3339 time in UTC names; None where `text` is none."""
    return _read_time(text) if len(text) <= MAX_QUOTED else None


@lru_cache(maxsize=1_000)  # entries of a batch were often written at the same time
def _read_time(text: str) -> datetime | None:
    if _TIME.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
