"""How Chinese words sound, as they are typed on a Latin keyboard.

Rules:
- sounds are toneless pinyin run together (固体废物: gutifeiwu), ü as it is typed, v;
- a character has at most two sounds here, the commonest, and a word at most MOST_SOUNDS: which one
  it is in a word (重庆: chongqing) takes a dictionary of phrases of 45 MB, which is not loaded;
- text is compared letter by letter: spaces, apostrophes, tones and tone numbers make no difference.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple

MOST_SOUNDS = 4
_SOUNDS_A_CHARACTER = 2
_CHARACTER = re.compile(r'"([0-9]+)": ?"([^"]+)"')
_FIRST, _LAST = 0x3400, 0x9FFF
"""The characters in use: CJK unified ideographs and their extension A."""

_NOT_LETTERS = re.compile(r"[^a-z]+")
_VOWEL = re.compile("[aeiouv]")


@lru_cache(maxsize=20_000)
def sounds(word: str) -> tuple[str, ...]:
    """How a word of Chinese characters may sound; nothing for any other word."""
    heard = [_sounds(character) for character in word]
    if not all(heard):
        return ()
    combined = ("".join(parts) for parts in product(*heard))
    return tuple(dict.fromkeys(islice(combined, MOST_SOUNDS)))


def initials(word: str) -> str:
    """The first letters of a word's characters (固体废物: gtfw), each in its commonest sound."""
    heard = [_sounds(character) for character in word]
    return "".join(each[0][0] for each in heard) if all(heard) else ""


def typed(text: str) -> str:
    """Folded Latin text as sounds are compared."""
    return _NOT_LETTERS.sub("", text)


def has_vowel(text: str) -> bool:
    """Whether `text` has a vowel: what has none can only be initials."""
    return _VOWEL.search(text) is not None


def _sounds(character: str) -> Sequence[str]:
    place = ord(character) - _FIRST
    known = _table()
    return known.sounds[known.places[place]] if 0 <= place < len(known.places) else ()


class _Table(NamedTuple):
    """What each character from _FIRST on sounds like: its number in `places` leads to `sounds`."""

    places: "array[int]"
    sounds: Sequence[Sequence[str]]


@cache
def _table() -> _Table:
    """The library's dictionary, 12 MB of it, as two bytes a character."""
    index = array("H", bytes(2 * (_LAST - _FIRST + 1)))
    places: dict[tuple[str, ...], int] = {(): 0}
    for code, syllables in _dictionary():
        if _FIRST <= code <= _LAST:
            plain = dict.fromkeys(_toneless(each) for each in syllables.split(",") if each)
            heard = tuple(plain)[:_SOUNDS_A_CHARACTER]
            index[code - _FIRST] = places.setdefault(heard, len(places))
    return _Table(index, tuple(places))


@lru_cache(maxsize=2_000)
def _toneless(syllable: str) -> str:
    letters = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return plain.lower()


def _dictionary() -> Iterator[tuple[int, str]]:
    """The library's data a piece at a time, without the library, which would keep all of it."""
    package = find_spec("pypinyin")
    assert package is not None, "a dependency of this package"
    text = Path(str(package.origin)).with_name("pinyin_dict.json").read_text(encoding="utf-8")
    for found in _CHARACTER.finditer(text):
        yield int(found[1]), found[2]
