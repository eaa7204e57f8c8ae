"""Dates as people and programs write them, to ISO 8601.

Rules:
- a date is a day: year, month and day are all there, or it is none;
- `01.02.2019` is the first of February: day before month, as in all languages here but American
  English; where the first number cannot be a month's day it is told by the second;
- relative words (`yesterday`) mean nothing a week later, and are no dates;
- what lies more than a day ahead is no date of a publication.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

EARLIEST = date(1800, 1, 1)
_AHEAD = timedelta(days=1)
_LONGEST = 60
_SPOKEN = ("zh", "ru", "en", "kk", "vi", "th", "id", "fa", "tg", "uz", "ky")


class NoDate(ValueError):
    """The text is no day, or none that a publication can have."""


def to_iso(text: str, formats: Sequence[str] = ()) -> str:
    """The day that `text` names, `2019-01-08`; `formats` are those of `strptime`, and where there
    are some, no other is tried. Empty text is no day and no fault.

    Raises:
        NoDate: it names none.
    """
    text = " ".join(text.split())
    if not text:
        return ""
    found = _by_formats(text, formats) if formats else _by_custom(text)
    if found is None or not found >= EARLIEST:
        raise NoDate(f"{text[:_LONGEST]!r} is no date")
    return found.isoformat()


def published(text: str) -> str:
    """The day of a publication, as `to_iso`; it is not in the future. Raises NoDate."""
    found = to_iso(text)
    if found and date.fromisoformat(found) > datetime.now(UTC).date() + _AHEAD:
        raise NoDate(f"{found} lies in the future")
    return found


def _by_formats(text: str, formats: Sequence[str]) -> date | None:
    for each in formats:
        try:
            return datetime.strptime(text, each).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _by_custom(text: str) -> date | None:
    if len(text) > _LONGEST:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text).date()
        except ValueError:
            continue
    found = _parser().get_date_data(text).date_obj
    return found.date() if isinstance(found, datetime) else None


@cache
def _parser() -> Any:
    from dateparser.date import DateDataParser  # heavy, and feeds rarely need it

    known = [each for each in _SPOKEN if each in _languages()]
    settings = {
        "REQUIRE_PARTS": ["year", "month", "day"],
        "DATE_ORDER": "DMY",
        "PARSERS": ["absolute-time"],
    }
    return DateDataParser(languages=known, settings=settings)


def _languages() -> frozenset[str]:
    from dateparser.languages.loader import default_loader

    return frozenset(default_loader.get_locale_map(languages=None))
