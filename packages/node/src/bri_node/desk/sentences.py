"""How many sentences a text has, so that a translation that lost some is seen.

Unicode's rules (UAX #29, by ICU) tell them apart, which browsers have as `Intl.Segmenter` too, so
that what is counted while one types is what is counted here.
"""

TOLERANCE = 0.15
"""Translators join and split sentences: so much of a difference is no sign of anything."""


def count(text: str, language: str) -> int:
    """The sentences of a plain text; a line of its own (a heading, an item) counts as one."""
    from icu4py.breakers import SentenceBreaker  # 3 MB, and only who translates needs it

    breaker = SentenceBreaker(text, language)
    return sum(any(letter.isalnum() for letter in part) for part in breaker)


def differ(original: int, translation: int) -> bool:
    """Whether the counts of an original and its translation are further apart than is usual."""
    return abs(original - translation) > max(1, round(original * TOLERANCE))
