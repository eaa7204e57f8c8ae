"""Dates, numbers and names as a reader of a language writes them: Unicode's CLDR, through Babel.

What cannot be read as a date is shown as it stands: a centre's text is never lost to a format.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError, dates, lists, numbers
from markupsafe import Markup, escape

from bri_kit import vocabulary
from bri_kit.clock import now
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


@lru_cache(maxsize=4_096)
def format_date(text: str, language: str) -> str:
    """The day of an ISO 8601 date or RFC 3339 time, written out."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return dates.format_date(day, "long", locale=locale_of(language))


def format_time(text: str, language: str) -> str:
    """The time of an RFC 3339 text, in UTC, to the minute."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
    locale = locale_of(language)
    day = dates.format_date(moment, "medium", locale=locale)
    hour = dates.format_time(moment, "short", locale=locale)
    together = str(dates.get_datetime_format("medium", locale=locale))
    return f"{together.replace('{1}', day).replace('{0}', hour)} UTC"


def format_ago(text: str, language: str) -> str:
    """How long ago an RFC 3339 time was; its day where that is more than a week."""
    try:
        passed = now() - datetime.fromisoformat(text)
    except ValueError:
        return text
    if passed > _LONGEST_RELATIVE:
        return format_date(text, language)
    return dates.format_timedelta(-passed, add_direction=True, locale=locale_of(language))


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
