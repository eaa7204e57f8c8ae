"""The numbers in a text, written so that all languages write them alike.

A number is kept as its significant digits: `35 000`, `35,000`, `3.5万` and `35 тыс.` are all `35`,
because separators, decimal signs and words for powers of ten differ between languages and digits
do not. Years stay as they are. Numbers in words are left out; so are numbers of one digit, which
lists, dates and names are full of.
"""

import re
from itertools import islice

from bri_retrieval.folding import fold

MOST = 120
"""Figures kept of one text; the first ones, as translations have them in about the same order."""

_NUMBER = re.compile(
    r"(?<![\d#])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?"  # 35 000
    r"|(?<![\d#])\d+(?:[.,]\d+)*"
)
_YEARS = range(1800, 2101)
_SEPARATORS = str.maketrans("", "", "., \u00a0\u202f")


def figures(text: str) -> list[str]:
    """The distinct figures of `text`, at most MOST, in their order."""
    found = (_significant(match[0]) for match in _NUMBER.finditer(fold(text)))
    return list(islice(dict.fromkeys(each for each in found if len(each) > 1), MOST))


def is_year(figure: str) -> bool:
    """Whether a figure is a year, as far as its digits tell."""
    return len(figure) == 4 and int(figure) in _YEARS


def _significant(number: str) -> str:
    digits = number.translate(_SEPARATORS)
    return number if is_year(digits) and number == digits else digits.strip("0")
