"""Countries (ISO 3166-1) and languages (BCP 47), named by Unicode's CLDR as Babel carries it.

CLDR is large and most processes never name a country, so it is imported where it is needed.
"""

from collections.abc import Sequence
from functools import cache

_LOCALES = {"zh": "zh_Hans"}

# What CLDR names otherwise than the official usage of this federation.
_OVERRIDES = {
    ("en", "LA"): "Lao PDR",
    ("en", "VN"): "Viet Nam",
    ("en", "MM"): "Myanmar",
    ("ru", "KG"): "Кыргызстан",
}


def _territories(language: str) -> dict[str, str]:
    from babel import Locale

    return dict(Locale.parse(_LOCALES.get(language, language)).territories)


@cache
def countries() -> Sequence[str]:
    """The codes of all countries, in alphabetical order."""
    import pycountry

    return tuple(sorted(country.alpha_2 for country in pycountry.countries))


@cache
def country_codes() -> frozenset[str]:
    """The codes of all countries, to look up."""
    return frozenset(countries())


@cache
def _territory_names(language: str) -> dict[str, str]:
    from babel import UnknownLocaleError

    try:
        return _territories(language)
    except (UnknownLocaleError, ValueError):
        return _territories("en")


def country_name(code: str, language: str) -> str:
    """The country's name in `language` (in English where CLDR does not know the language)."""
    return _OVERRIDES.get((language, code)) or _territory_names(language).get(code, code)


@cache
def _languages() -> frozenset[str]:
    from babel.localedata import locale_identifiers

    return frozenset(name.split("_")[0] for name in locale_identifiers()) | {"tl"}


def is_language(tag: str) -> bool:
    """Whether `tag` is a language that CLDR knows, written as BCP 47's primary subtag."""
    return tag in _languages()


@cache
def language_name(tag: str, language: str) -> str:
    """The language's name in `language`, for example `俄语` for ru in zh."""
    from babel import Locale, UnknownLocaleError

    try:
        names = Locale.parse(_LOCALES.get(language, language)).languages
    except (UnknownLocaleError, ValueError):
        names = Locale.parse("en").languages
    return str(names.get("fil" if tag == "tl" else tag, tag))
