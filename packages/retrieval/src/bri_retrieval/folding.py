"""Folding makes spellings of the same thing equal, and never changes a text's length.

Rules:
- character for character: an offset in folded text is the same offset in the original, so matches
  found in one can be marked in the other;
- upper becomes lower case, Traditional becomes Simplified Chinese, full width half width, ё е, and
  Latin letters lose their diacritics; digits of every script become 0 to 9;
- letters that Kazakh, Kyrgyz, Tajik and Ukrainian have beyond Russian's become those that people
  type on a Russian keyboard (қ к, ө о, ү у); those of Arabic script that differ from Persian to
  Arabic become one (ي ی, ك ک); all apostrophes become one;
- folding twice changes nothing.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
_LATIN = (range(0xC0, 0x250), range(0x1E00, 0x1F00))
_STROKED = {"Đ": "d", "đ": "d", "Ø": "o", "ø": "o", "Ł": "l", "ł": "l", "ı": "i", "İ": "i"}
_NEIGHBOURS = dict(
    zip(
        "әғқңөұүһіҗҳҷӣӯєїґيىكةۀأإآٱؤئ",
        "агкноуухижхчиуеигییکههااااوی",
        strict=True,
    )
)
"""Letters by the neighbouring language's letter that stands for them."""

_APOSTROPHES = "ʻʼ‘’′`´"
_MOST_MARKS = 30
"""After so many marks on one letter Unicode's Stream-Safe Text Format has a combining joiner."""

_JOINER = "\u034f"
_MARKS = range(0x300, 0x20000)
"""Where Unicode has marks that are ordered among each other."""

_UNPRINTABLE = ("Cc", "Cf", "Cs", "Co")


def tidy(text: str) -> str:
    """`text` in Unicode's composed form, without soft hyphens: what is stored and shown.

    Letters that arrive as a base and a combining mark would otherwise fall apart in the index.
    Long runs of marks are parted first (UAX #15, Stream-Safe Text Format), because putting them in
    order takes time that is quadratic in their number, and nothing else runs meanwhile.
    """
    if not text.isascii():
        text = _long_run_of_marks().sub(r"\g<0>" + _JOINER, text)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    return text.replace("\u00ad", "")


def printable(text: str) -> str:
    """`text` on one line, with controls, direction marks and lone surrogates turned to spaces."""
    kept = (" " if unicodedata.category(char) in _UNPRINTABLE else char for char in text)
    return " ".join("".join(kept).split())


def fold(text: str) -> str:
    """`text` in the one spelling that is compared; of the same length."""
    if text.isascii():
        return text.lower()
    foldable, table = _folding()
    # Most text has little to fold: finding that is far cheaper than `str.translate`.
    return lower(foldable.sub(lambda found: table[found[0]], text))


def lower(text: str) -> str:
    """The last of folding: `text` in small letters, and without ё."""
    lowered = text.replace("ё", "е").replace("Ё", "е").lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


@cache
def table() -> Mapping[str, str]:
    """The characters that fold to another than their small letter, with that."""
    return dict(_pairs())


@cache
def _long_run_of_marks() -> re.Pattern[str]:
    """As many marks as may be in a run, where another one follows."""
    decomposed = ((code, unicodedata.normalize("NFD", chr(code))) for code in _MARKS)
    marks = [code for code, parts in decomposed if all(map(unicodedata.combining, parts))]
    mark = f"[{character_class(marks)}]"
    return re.compile(f"{mark}{{{_MOST_MARKS}}}(?={mark})")


@cache
def _folding() -> tuple[re.Pattern[str], Mapping[str, str]]:
    return re.compile(f"[{character_class(sorted(map(ord, table())))}]"), table()


def _pairs() -> Iterator[tuple[str, str]]:
    yield from _simplified()
    yield from _STROKED.items()
    yield from _neighbours()
    for block in _LATIN:
        for char in map(chr, block):
            base = unicodedata.normalize("NFD", char)[0]
            if base != char and base.isascii() and base.isalpha():
                yield char, base.lower()
    for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)):
        yield chr(code), chr(code - 0xFEE0).lower()
    for char in map(chr, range(0x80, 0x10000)):
        digit = unicodedata.digit(char, None)
        if digit is not None and unicodedata.category(char) in ("Nd", "No") and _is_plain(char):
            yield char, str(digit)


def _neighbours() -> Iterator[tuple[str, str]]:
    for letters, folded in _NEIGHBOURS.items():
        yield letters, folded
        if letters.upper() != letters:
            yield letters.upper(), folded
    for apostrophe in _APOSTROPHES:
        yield apostrophe, "'"


def _is_plain(digit: str) -> bool:
    """Superscripts, subscripts and the digits of scripts; not ① or ⒈, which number lists."""
    return len(unicodedata.normalize("NFKC", digit)) == 1 and not "\u2460" <= digit <= "\u27bf"


def _simplified() -> Iterator[tuple[str, str]]:
    from opencc import OpenCC  # costs 5 MB where nobody writes Chinese

    characters = [chr(code) for block in _HAN for code in block]
    # One a line: whole words would be converted as words, and offsets could shift.
    lines = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    for character, simplified in zip(characters, lines, strict=True):
        if simplified != character and len(simplified) == 1:
            yield character, simplified


def character_class(codes: list[int]) -> str:
    """The inside of a regular expression's brackets for ascending `codes`, as ranges."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
