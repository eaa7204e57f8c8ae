"""Dates, numbers and names as a reader of a language writes them: Unicode's CLDR, through Babel.

A date or time comes from what a centre signed, so it may be anything. One that cannot be read is
shown as unknown; of a time without an offset, only its day is known.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError, dates, lists, numbers
from markupsafe import Markup, escape

from bri_kit import vocabulary
from bri_kit.clock import now, read_day, read_time
from bri_pages.messages import messages
from bri_retrieval import segmentation

_LOCALES = {"zh": "zh_Hans", "en": "en_GB", "qps": "en_GB"}
"""English is that of other international organisations: day, month, year."""
_LONGEST_RELATIVE = timedelta(days=7)


@cache
def locale_of(language: str) -> Locale:
    """CLDR's locale for a BCP 47 tag; English's where it knows none."""
    try:
        return Locale.parse(_LOCALES.get(language, language).replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def format_date(text: str, language: str) -> str:
    """The day of an ISO 8601 date or RFC 3339 time, written out."""
    day = read_day(text)
    return _unknown(language) if day is None else _written(day, language)


@lru_cache(maxsize=4_096)
def _written(day: date, language: str) -> str:
    return dates.format_date(day, "long", locale=locale_of(language))


def format_time(text: str, language: str) -> str:
    """The time of an RFC 3339 text, in UTC, to the minute."""
    moment = read_time(text)
    if moment is None:
        return format_date(text, language)
    locale = locale_of(language)
    day = dates.format_date(moment, "medium", locale=locale)
    hour = dates.format_time(moment, "short", locale=locale)
    together = str(dates.get_datetime_format("medium", locale=locale))
    return f"{together.replace('{1}', day).replace('{0}', hour)} UTC"


def format_ago(text: str, language: str) -> str:
    """How long ago an RFC 3339 time was; its day where that is more than a week from now."""
    moment = read_time(text)
    if moment is None:
        return format_date(text, language)
    passed = now() - moment
    if abs(passed) > _LONGEST_RELATIVE:
        return format_date(text, language)
    return dates.format_timedelta(-passed, add_direction=True, locale=locale_of(language))


def _unknown(language: str) -> str:
    say = messages(language).gettext
    return say("date unknown")


@lru_cache(maxsize=4_096)
def format_number(number: float, language: str) -> str:
    """A number with the language's separators."""
    return numbers.format_decimal(number, locale=locale_of(language))


def format_list(items: Sequence[str], language: str) -> str:
    """`A, B and C`."""
    return lists.format_list(list(items), locale=locale_of(language))


@lru_cache(maxsize=1_024)
def phrased(text: str, language: str) -> Markup:
    """A heading that is broken between words in Chinese, which writes none apart: not within a
    word, nor beside a single character, which may belong to either."""
    if language != "zh":
        return escape(text)
    words = segmentation.unspaced_words(text)
    pairs = zip(words, [*words[1:], ""], strict=True)
    return Markup("").join(
        escape(word) + Markup("<wbr>") if _may_part(word, following) else escape(word)
        for word, following in pairs
    )


def _may_part(word: str, following: str) -> bool:
    return all(len(each) > 1 and segmentation.is_han(each) for each in (word, following))


def name_order(text: str, language: str) -> bytes:
    """What names are sorted by: their sound in Chinese, which is how the older part of the
    character set GB 18030 is ordered; else their letters."""
    return text.encode("gb18030" if language == "zh" else "utf-8")


def language_list(tags: Sequence[str], language: str) -> str:
    """The names of languages, with a capital at the beginning alone where that is usual."""
    told = "en" if language == "qps" else language
    text = format_list([vocabulary.language_name(tag, told) for tag in tags], language)
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=4_096)
def country(code: str, language: str) -> str:
    """A country's name."""
    return vocabulary.country_name(code, "en" if language == "qps" else language)


def topic(code: str, language: str) -> str:
    """A topic's label; the code itself where the vocabulary does not have it any more."""
    found = vocabulary.topics().get(code)
    if found is None:
        return code
    return found.labels.get(language) or found.labels.get("en", code)


@lru_cache(maxsize=4_096)
def language_name(tag: str, language: str) -> str:
    """A language's name in another, with a capital where that is usual at a line's beginning."""
    name = vocabulary.language_name(tag, "en" if language == "qps" else language)
    return name[:1].upper() + name[1:]
