"""Russian that was typed on a Latin keyboard: by sound, or with the keyboard left switched over.

Rules:
- a romanised word may stand for several Cyrillic ones (`othody`: отходы, отходй, …): all of them
  are given, the likelier first, at most MOST_SPELLINGS; who asks knows which ones occur;
- the common romanisations are understood together: BGN/PCGN, ISO 9 without its marks, passports,
  and what people type in chats;
- `respelt` text is folded: ё is е.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

MOST_SPELLINGS = 48

# Longest first; of several readings the likelier first.
_LETTERS: dict[str, Sequence[str]] = {
    "shch": ("щ",),
    "sch": ("щ", "сч"),
    "shh": ("щ",),
    "iya": ("ия",),
    "ija": ("ия",),
    "iye": ("ие",),
    "ije": ("ие",),
    "iyu": ("ию",),
    "iju": ("ию",),
    "cho": ("чо", "че"),
    "sho": ("шо", "ше"),
    "zho": ("жо", "же"),
    "zh": ("ж",),
    "kh": ("х",),
    "ch": ("ч",),
    "sh": ("ш", "щ"),
    "ts": ("ц", "тс"),
    "tz": ("ц",),
    "yu": ("ю",),
    "ju": ("ю",),
    "iu": ("ю", "иу"),
    "ya": ("я",),
    "ja": ("я",),
    "ia": ("ия", "я"),
    "yo": ("е",),
    "jo": ("е",),
    "ye": ("е", "ые", "ье"),
    "je": ("е", "ье"),
    "yy": ("ый",),
    "yi": ("ый", "ы"),
    "yj": ("ый",),
    "iy": ("ий",),
    "ij": ("ий",),
    "a": ("а",),
    "b": ("б",),
    "c": ("ц", "к"),
    "d": ("д",),
    "e": ("е", "э"),
    "f": ("ф",),
    "g": ("г",),
    "h": ("х", "г"),
    "i": ("и",),
    "j": ("й", "ж"),
    "k": ("к",),
    "l": ("л",),
    "m": ("м",),
    "n": ("н",),
    "o": ("о",),
    "p": ("п",),
    "q": ("к",),
    "r": ("р",),
    "s": ("с",),
    "t": ("т",),
    "u": ("у",),
    "v": ("в",),
    "w": ("в", "щ"),
    "x": ("х", "кс"),
    "y": ("ы", "и"),
    "z": ("з",),
    "'": ("ь", "ъ"),
    "’": ("ь", "ъ"),
}
_LONGEST = max(map(len, _LETTERS))
_LATIN_VOWELS = frozenset("aeiouy")

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_TO_CYRILLIC = str.maketrans(_LATIN_KEYS, _CYRILLIC_KEYS)
_TO_LATIN = str.maketrans(_CYRILLIC_KEYS, _LATIN_KEYS)


def spellings(word: str) -> list[str]:
    """The Cyrillic words that `word`, folded Latin letters and apostrophes, may stand for."""
    readings = list(_readings(word))
    if not readings or len(readings) > 40:
        return []
    return list(dict.fromkeys(islice(_combined(readings), MOST_SPELLINGS)))


def switched(text: str) -> str:
    """Folded `text` as the same keys give it on the other keyboard, Russian or English."""
    table = _TO_CYRILLIC if text.isascii() else _TO_LATIN
    return text.translate(table).replace("ё", "е")


def document_numbers(text: str) -> str:
    """The letters of a document's number in the other script: `89-fz` and `89-фз`."""
    if text.isascii():
        return "".join(_LETTERS[letter][0] if letter in _LETTERS else letter for letter in text)
    return text.translate(_ABBREVIATED)


_ABBREVIATED = str.maketrans(
    {
        readings[0]: letter
        for letter, readings in reversed(_LETTERS.items())
        if len(letter) == 1 == len(readings[0])
    }
)


def _readings(word: str) -> Iterator[Sequence[str]]:
    place = 0
    while place < len(word):
        for length in range(_LONGEST, 0, -1):
            letters = word[place : place + length]
            if letters in _LETTERS and len(letters) == length:
                yield _in_place(letters, word[:place], place + length == len(word))
                place += length
                break
        else:
            yield ()
            return


def _in_place(letters: str, before: str, is_last: bool) -> Sequence[str]:
    after_vowel = before[-1:] in _LATIN_VOWELS
    if letters in ("y", "i") and after_vowel:
        return ("й", "и") if letters == "y" else ("и", "й")
    if letters == "y" and is_last:
        return ("ы", "ый", "ий", "и")
    if letters in ("l", "n", "t") and (after_vowel or is_last):
        return (*_LETTERS[letters], f"{_LETTERS[letters][0]}ь")
    return _LETTERS[letters]


def _combined(readings: Sequence[Sequence[str]]) -> Iterator[str]:
    """All combinations, those with fewer unlikely readings first."""
    reached = [("", 0)]
    for choices in readings:
        longer = (
            (word + letters, cost + unlikely)
            for word, cost in reached
            for unlikely, letters in enumerate(choices)
        )
        # Cutting at each letter keeps a long word from having millions.
        reached = sorted(longer, key=lambda each: each[1])[:MOST_SPELLINGS]
    return (word for word, _ in reached)
