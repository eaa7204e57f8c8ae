"""How text becomes tokens. The same rules hold for what is indexed and for what is asked.

Rules:
- a token is a run of letters or a run of digits, folded: `PM2.5`, `PM2,5` and `ＰＭ₂.₅` are pm 2 5,
  `GB18485-2014` is gb 18485 2014. Whoever asks for such a thing asks for its tokens in a row;
- editions in zh, en and ru have fields of their own, all other languages share the family xx;
- in zh, en and ru the script of a token decides its stem (Snowball's English for Latin, Russian for
  Cyrillic), whatever the language around it; in xx nothing is stemmed.
"""

import re
import sys
import unicodedata
from functools import cache, lru_cache
from typing import Any, Literal

from bri_retrieval import segmentation
from bri_retrieval.folding import character_class, fold

Family = Literal["zh", "en", "ru", "xx"]
FAMILIES: tuple[Family, ...] = ("zh", "en", "ru", "xx")

_DIGITS = re.compile(r"[0-9]+")
_LATIN = re.compile(r"[a-z]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")


def family(language: str) -> Family:
    """The family of fields that an edition in `language` (BCP 47) is kept in."""
    match language.partition("-")[0].lower():
        case "zh":
            return "zh"
        case "en":
            return "en"
        case "ru":
            return "ru"
    return "xx"


def prepare(text: str, language: str) -> str:
    """`text` as an index takes it: folded, and its tokens set apart. Stemming is left to do."""
    text = _spaced(fold(text))
    of = family(language)
    if of == "zh":
        return segmentation.chinese_index(text)
    if of == "xx" and segmentation.is_unspaced(text):
        return segmentation.SEPARATOR.join(segmentation.unspaced_words(text))
    return text


def tokens(text: str, of: Family) -> tuple[str, ...]:
    """The tokens of a few words as they stand in the index of family `of`."""
    language = "und" if of == "xx" else of
    return tuple(stem(token, of) for token in words(prepare(text, language)))


def words(text: str) -> list[str]:
    """The runs of letters and digits in prepared text."""
    return _word_pattern().findall(text)


@lru_cache(maxsize=10_000)
def stem(token: str, of: Family) -> str:
    """The stem under which `token`, folded, stands in the index of family `of`."""
    if of == "xx":
        return token
    if _CYRILLIC.match(token):
        return _stem(token, "russian")
    return _stem(token, "english") if _LATIN.match(token) else token


def _spaced(text: str) -> str:
    # A template with groups would be expanded in Python, three times as slow as this.
    return _DIGITS.sub(lambda digits: f" {digits[0]} ", text)


def _stem(token: str, algorithm: str) -> str:
    return str(_stemmer(algorithm).stemWord(token))


@cache
def _stemmer(algorithm: str) -> Any:
    from Stemmer import Stemmer  # whoever only indexes has no use for it

    return Stemmer(algorithm)


@cache
def _word_pattern() -> re.Pattern[str]:
    # Vowel signs and tones are marks: part of the word in many scripts, and not in Python's \w.
    marks = [c for c in range(0x300, sys.maxunicode + 1) if unicodedata.category(chr(c))[0] == "M"]
    return re.compile(rf"(?:[^\W_]|[{character_class(marks)}])+")
