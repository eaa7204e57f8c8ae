"""Dates as people and programs write them, to ISO 8601.

Rules:
- a date is a day: year, month and day all stand in the text, or it is no date; nothing is filled in
  from today;
- the day is the one that is written, in the time zone in which it is written;
- `01.02.2019` is 1 February: day before month, as in all languages here but American English; if
  the second number cannot be a month, the first is; two digits for a year are read only where
  no other order is possible, with dots, or beside a month's name;
- a year of the Buddhist calendar (543 ahead) becomes that of the Gregorian; years of emperors and
  of the Republic of China are read; dates of lunar and other solar calendars are no dates here;
- text that holds other figures than one day and a time of day is no date: ranges, lists, Unix time;
- the date of a publication is at most one day ahead, any other at most AHEAD years.

The work is linear in the text, which is cut at _LONGEST characters.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from unicodedata import normalize

from bri_harvesting.month_names import month_of

EARLIEST = date(1800, 1, 1)
AHEAD = 50
_PUBLISHED_AHEAD = timedelta(days=1)
_LONGEST = 80
_BUDDHIST = 543
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_HAN = "〇零○一二三四五六七八九十"
_HAN_NUMBERS = re.compile(f"(?<![{_HAN}])[{_HAN}]++(?=[年月日号])")
_ERA = re.compile(f"({'|'.join(_ERAS)})" + r" ?(\d{1,3}|元) ?年")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[t ]+\d{1,2}(?::?\d{2}\b|:).*+)?")
_COMPACT = re.compile(r"((?:19|20|25)\d\d)(\d\d)(\d\d)(?:[t ]?\d{4}(?:\d\d)?z?)?")
_WEEK = re.compile(r"(\d{4})-?w(\d\d)-?([1-7])(?:t.*+)?")
_TIME = re.compile(
    r"(?:[t日,]|(?<=\d{4})|\b) ?\d{1,2}(?::\d{2}){1,2}(?:[.,]\d{1,9})?"
    r"(?: ?(?:z|utc|gmt)?[ (]?[+-]\d{2}:?\d{2}\b\)?)?"
    r"|(?<!\d)\d{1,2} ?[时時点點](?: ?\d{1,2} ?分)?(?: ?\d{1,2} ?秒)?|\b\d{1,2} ?[ap]\.?m\b"
)
_NUMERIC = re.compile(r"(?<![\d.])(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?![\da-z])")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4}) ?([-./年년]) ?(\d{1,2}) ?[-./月월] ?(\d{1,2})(?!\d)")
_TOKEN = re.compile(r"\d+|[^\W\d_][^\d\s!-/:-@\[-`{-\u00bf]*+")
_INNER_DOT = re.compile(r"(?<=[^\d\s])\.(?=[^\W\d])")
_THAI = re.compile("[\u0e00-\u0e7f]")
_MARKS = re.compile("[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


class NoDate(ValueError):
    """The text is no day, or not one that is possible here."""


def to_iso(text: str, formats: Sequence[str] = ()) -> str:
    """The day that `text` names, `2019-01-08`; `formats` are those of `strptime`, and if there are
    any, no other is tried. Empty text is neither a day nor a fault.

    Raises:
        NoDate: it names none, or one before EARLIEST or more than AHEAD years ahead.
    """
    text = " ".join(text[: _LONGEST * 4].split())
    if not text:
        return ""
    found = _by_formats(text, formats) if formats else day_in(text)
    if found is None or found < EARLIEST:
        raise NoDate(f"{text[:_LONGEST]!r} is no date")
    if found.year > _today().year + AHEAD:
        raise NoDate(f"{found} lies too far in the future")
    return found.isoformat()


def published(text: str, formats: Sequence[str] = ()) -> str:
    """The day of a publication, as `to_iso`; it is not in the future. Raises NoDate."""
    found = to_iso(text, formats)
    if found and date.fromisoformat(found) > _today() + _PUBLISHED_AHEAD:
        raise NoDate(f"{found} lies in the future")
    return found


def day_in(text: str) -> date | None:
    """The one day that `text` names; None if it names none or holds other figures."""
    if len(text) > _LONGEST:
        return None
    text = _MARKS.sub("", normalize("NFKC", text)).lower().strip()
    for pattern in (_ISO, _COMPACT):
        if found := pattern.fullmatch(text):
            return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _WEEK.fullmatch(text):
        return _week_day(int(found[1]), int(found[2]), int(found[3]))
    text = _TIME.sub(" ", _in_digits(text), count=1)
    if found := _YEAR_FIRST.search(text):
        return None if _holds_more(text, found) else _day(*map(int, found.group(1, 3, 4)))
    if found := _NUMERIC.search(text):
        return None if _holds_more(text, found) else _numeric(found)
    return _by_words(text)


def _today() -> date:
    return datetime.now(UTC).date()


def _by_formats(text: str, formats: Sequence[str]) -> date | None:
    # 29 February 2567 is no day in the proleptic Gregorian calendar, but 29 February 2024 is.
    for each in (text, re.sub(r"(?<!\d)2[45]\d\d(?!\d)", lambda year: _gregorian(year[0]), text)):
        for form in formats:
            try:
                found = datetime.strptime(each, form).date()  # noqa: DTZ007 - a day has no zone
                return _day(found.year, found.month, found.day)
            except (ValueError, OverflowError):
                continue
    return None


def _gregorian(year: str) -> str:
    return str(int(year) - _BUDDHIST)


def _day(year: int, month: int, day: int) -> date | None:
    if _today().year + AHEAD < year + _BUDDHIST and year > 1800 + _BUDDHIST:
        year -= _BUDDHIST
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _week_day(year: int, week: int, day: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, day)
    except (ValueError, OverflowError):
        return None


def _in_digits(text: str) -> str:
    """Chinese numerals and years of eras as figures of the common calendar."""
    if "年" not in text and "月" not in text:
        return text
    text = _HAN_NUMBERS.sub(lambda found: _number(found[0]), text)
    return _ERA.sub(lambda era: f"{_ERAS[era[1]] + (1 if era[2] == '元' else int(era[2]))}年", text)


def _number(han: str) -> str:
    if "十" not in han:
        return han.translate(_HAN_DIGITS)
    tens, _, ones = han.translate(_HAN_DIGITS).partition("十")
    return f"{tens or '1'}{ones or '0'}"


def _holds_more(text: str, found: re.Match[str]) -> bool:
    """Whether figures stand beside a date: then it is a range, a number, or nobody knows what."""
    rest = text[: found.start()] + text[found.end() :]
    return any(letter.isdigit() for letter in rest)


def _numeric(found: re.Match[str]) -> date | None:
    """A day of three numbers of which the year comes last, or would in one order come first."""
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    if len(found[4]) == 4:
        return _day(year, second, first) or _day(year, first, second)
    written = _short(year, second, first) or _short(year, first, second)
    turned = _short(first, second, year) if found[2] != "." else None
    return written if turned is None or written is None or turned == written else None


def _short(year: int, month: int, day: int) -> date | None:
    """A day of a year in two digits: not in the future (RFC 5322, 4.3, and POSIX by 69)."""
    century = 2000 if year <= (_today().year + 1) % 100 else 1900
    return _day(century + year, month, day)


def _by_words(text: str) -> date | None:
    """A day whose month has a name, or a word for `month` beside its number."""
    parts = list(_parts(text))
    kinds = "".join(kind for kind, _ in parts)
    numbers = [number for _, number in parts]
    orders = {"dmy": (2, 1, 0), "dmd": (2, 1, 0), "ymd": (0, 1, 2), "ydm": (0, 2, 1)}
    orders |= {"mdy": (2, 0, 1), "mdd": (2, 0, 1)}
    if kinds not in orders:
        return None
    year, month, day = (numbers[place] for place in orders[kinds])
    if kinds in ("dmd", "mdd") and _THAI.search(text):
        return _day(2500 + year, month, day)
    if kinds in ("dmd", "mdd"):
        return _short(year, month, day)
    return _day(year, month, day)


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """The figures and months of a text, in their order: `d` a short number, `y` a year, `m` a
    month, `x` a number that is none of these."""
    tokens = _TOKEN.findall(_INNER_DOT.sub("", text))  # Thai: `ม.ค.`
    is_numbered = "tháng" in tokens or "сарын" in tokens
    seen = 0
    for token in tokens:
        if token.isdecimal():
            seen += len(token) < 3
            # In `ngày 5 tháng 6 năm 2024` and `2024 оны 6 сарын 5` the month is a number.
            at_month = is_numbered and seen == (1 if "сарын" in tokens else 2) and len(token) < 3
            yield _kind(token, at_month=at_month), int(token)
        elif month := month_of(token):
            yield "m", month


def _kind(token: str, *, at_month: bool) -> str:
    if at_month:
        return "m"
    return {1: "d", 2: "d", 4: "y"}.get(len(token), "x")
