"""Names of months in the languages of the region, from Unicode's CLDR.

A name that means different months in two of these languages is left out: it would be a guess.
"""

from collections.abc import Iterator, Mapping
from functools import cache

_LANGUAGES = "en ru kk ky uz tg tk tr az uk be vi th id ms fa lo km my hy ka".split()
_ALSO = {
    "sept": 9, "янв": 1, "фев": 2, "мар": 3, "апр": 4, "июн": 6, "июл": 7, "авг": 8, "сен": 9,
    "сент": 9, "окт": 10, "ноя": 11, "дек": 12,
}  # fmt: skip
_LEAST_STEM = 4
"""Letters of a name that may be followed by an ending: `июнунда`, `маусымдағы`."""
_SHORT_STEMS = ("июн", "июл")
_LONGEST = 20


def month_of(word: str) -> int:
    """The month that `word` (lower case, as NFKC has it) names, also with an ending; 0 for none."""
    known = _names()
    word = word.strip(".")[:_LONGEST]
    for length in range(len(word), 0, -1):
        found = known.get(word[:length])
        if found and _may_end(word, length):
            return found
    return 0


def _may_end(word: str, length: int) -> bool:
    return length == len(word) or length >= _LEAST_STEM or word[:length] in _SHORT_STEMS


@cache
def _names() -> Mapping[str, int]:
    meanings: dict[str, set[int]] = {}
    for name, number in _all_names():
        meanings.setdefault(name, set()).add(number)
    return {name: numbers.pop() for name, numbers in meanings.items() if len(numbers) == 1} | _ALSO


def _all_names() -> Iterator[tuple[str, int]]:
    from unicodedata import normalize

    from babel import Locale  # heavy, and most feeds have dates in digits

    for language in _LANGUAGES:
        months = Locale.parse(language).months
        for context, width in (
            (context, width)
            for context in ("format", "stand-alone")
            for width in ("wide", "abbreviated")
        ):
            for number, name in months[context][width].items():
                word = normalize("NFKC", name).lower().replace(".", "")
                # Names with digits (`6-р сар`) are read as numbers; Han ones belong to Chinese.
                if not any(letter.isdigit() or "\u3000" < letter < "\uffff" for letter in word):
                    yield word, number
