"""How text becomes tokens. The same rules hold for what is indexed and for what is asked.

Rules:
- a token is a run of letters or a run of digits, folded: `PM2.5`, `PM2,5` and `ＰＭ₂.₅` are pm 2 5,
  `GB18485-2014` is gb 18485 2014. Whoever asks for such a thing asks for its tokens in a row;
- editions in zh, en and ru have fields of their own, all other languages share the family xx;
- marks that some write and others leave out are left out: Arabic vowel signs and tatweel, nukta,
  the joiner, the apostrophe of Uzbek oʻ and gʻ; the non-joiner parts words, as a space does;
- in zh, en and ru the script of a token decides its stem (Snowball's English for Latin, Russian for
  Cyrillic), whatever the language around it; in xx only Devanagari is stemmed, as Hindi.
"""

import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain
from typing import Any, Literal

from bri_retrieval import segmentation
from bri_retrieval.folding import character_class, fold, lower, table

Family = Literal["zh", "en", "ru", "xx"]
FAMILIES: tuple[Family, ...] = ("zh", "en", "ru", "xx")

_NON_JOINER = "\u200c"
_MARKS = "".join(map(chr, (*range(0x64B, 0x660), 0x670, 0x640, 0x93C, 0x200D)))
_MARK = re.compile(f"[{_MARKS}]")
_IN_A_LETTER = re.compile(r"'(?<=[og]')(?=[a-z])(?!s\b)")
_DEVANAGARI = re.compile(r"[\u0900-\u0963\u0971-\u097f]+")
_DIGITS = re.compile(r"([0-9][0-9]*)")  # with a plus it would be tried at every place
_LONGEST = 64
"""Characters of what is remembered: longer ones are no words, and would fill the memory."""
_LATIN = re.compile(r"[a-z]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LETTER_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\uf900-\ufaff]")

_LAST_SCRIPT, _VARIATIONS = 0x20000, range(0xE0100, 0xE01F0)
"""Where Unicode has marks: below the first, and among the second."""


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
    text = _respelt(text)
    of = family(language)
    if of == "zh":
        return segmentation.chinese_index(text)
    if of == "xx" and segmentation.is_unspaced(text):
        text = segmentation.SEPARATOR.join(segmentation.unspaced_words(text))
    if of == "xx":
        return _DEVANAGARI.sub(lambda word: stem(word[0], of), text)
    return text


def plain(text: str) -> str:
    """Folded text without the marks that not everybody writes. Its length may change."""
    text = _without_apostrophes(text)
    return text if text.isascii() else _MARK.sub("", text).replace(_NON_JOINER, " ")


def tokens(text: str, of: Family) -> tuple[str, ...]:
    """The tokens of a few words as they stand in the index of family `of`."""
    language = "und" if of == "xx" else of
    return tuple(stem(token, of) for token in words(prepare(text, language)))


def typed(text: str) -> str:
    """A title, or the beginning of one, as words that are being typed: unstemmed, and character by
    character in scripts without spaces, where nobody knows yet where the word will end."""
    separator = segmentation.SEPARATOR
    return _LETTER_WORD.sub(lambda letter: f"{separator}{letter[0]}{separator}", fold(text))


def words(text: str) -> list[str]:
    """The runs of letters and digits in prepared text."""
    return _word_pattern().findall(text)


def stem(token: str, of: Family) -> str:
    """The stem under which `token`, folded, stands in the index of family `of`."""
    return _known_stem(token, of) if len(token) <= _LONGEST else _stem_in(token, of)


def _stem_in(token: str, of: Family) -> str:
    if of == "xx":
        return _stem(token, "hindi") if _DEVANAGARI.match(token) else token
    if _CYRILLIC.match(token):
        return _stem(token, "russian")
    return _stem(token, "english") if _LATIN.match(token) else token


_known_stem = lru_cache(maxsize=10_000)(_stem_in)


def _respelt(text: str) -> str:
    """Folded, plain, and with spaces about its numbers."""
    if text.isascii():
        return _spaced(plain(text.lower()))
    # Most of a text is left as it is. Looking for all there is to do at once takes a third of the
    # time of looking for what to fold, for marks and for numbers.
    return _without_apostrophes(lower(_respellable().sub(_respell, text)))


def _respell(found: re.Match[str]) -> str:
    some = found[0]
    return _known_spelling(some) if len(some) <= _LONGEST else _spelling(some)


def _spelling(some: str) -> str:
    return _spaced(plain(fold(some)))


_known_spelling = lru_cache(maxsize=10_000)(_spelling)


@cache
def _respellable() -> re.Pattern[str]:
    """A character that is folded or left out, or a number, with the digits that follow: a mark
    between two digits does not part them."""
    digits = {char for char, folded in table().items() if folded.isdigit()}.union("0123456789")
    classes = ({*table(), *digits, *_MARKS, _NON_JOINER}, {*digits, *_MARKS})
    found, following = (character_class(sorted(map(ord, each))) for each in classes)
    return re.compile(f"[{found}][{following}]*")


def _spaced(text: str) -> str:
    # Joining what is between takes a third of the time of calling a function at every number.
    return " ".join(_DIGITS.split(text))


def _without_apostrophes(text: str) -> str:
    # Looking whether there is anything to do takes a fraction of looking at each place for it.
    return _IN_A_LETTER.sub("", text) if "g'" in text or "o'" in text else text


def _stem(token: str, algorithm: str) -> str:
    return str(_stemmer(algorithm).stemWord(token))


@cache
def _stemmer(algorithm: str) -> Any:
    from Stemmer import Stemmer  # not before there is a word to stem

    return Stemmer(algorithm)


@cache
def _word_pattern() -> re.Pattern[str]:
    # Vowel signs and tones are marks: part of the word in many scripts, and not in Python's \w.
    places = chain(range(0x300, _LAST_SCRIPT), _VARIATIONS)
    marks = [code for code in places if unicodedata.category(chr(code))[0] == "M"]
    return re.compile(rf"(?:[^\W_]|[{character_class(marks)}])+")
