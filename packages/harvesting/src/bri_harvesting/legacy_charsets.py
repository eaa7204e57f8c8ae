"""Which legacy encoding bytes are in, told from the letters that they would be.

Rules:
- bytes of Latin text stand inside words of ASCII letters (`Zürich`); those of other scripts make
  words of their own; so the two are told apart before any encoding is tried;
- a Cyrillic encoding is chosen by how frequent the letters are that it gives, and by whether they
  all belong to the alphabet of one language; a multibyte one by how many characters it gives that
  every reader of the language knows;
- two encodings that give the same text need no decision; where they give different texts and
  nothing speaks for one, there is no answer.

The work is linear: samples of _SAMPLE bytes, each decoded once by each candidate.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

_SAMPLE = 64 * 1024
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*+")
_HIGH = re.compile(rb"[\x80-\xff]")
_CYRILLIC = ("cp1251", "kz1048", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
_RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
_ALPHABETS = (
    _RUSSIAN,
    _RUSSIAN | set("әғқңөұүһі"),
    _RUSSIAN | set("ңөү"),
    _RUSSIAN - set("ёыэъ") | set("іїєґ"),
    _RUSSIAN - set("ищъ") | set("іў"),
    _RUSSIAN - set("ёйщъыьэюя") | set("јљњћђџѓќѕ"),
)
_FREQUENT_CYRILLIC = frozenset("оеаинтсрвлкмды")
_FREQUENT = {
    "gb18030": "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
    "同工也能下过子说产种面而方后多定行学法所民得经部环境保护理水气固体废物生态监测治"
    "规条管办告关第月日",
    "big5hkscs": "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動"
    "同工也能下過子說產種面而方後多定行學法所民得經部環境保護理水氣固體廢物生態監測治"
    "規條管辦告關第月日",
    "cp932": "のにはをたがでてとしれさいるなもかすっりこあまらきけうくそどつんおちえみめよじだ"
    "ーンスルトリアイドラクレ年日月",
    "cp949": "이다는을를에의가고하지사기은도로해서대자인정시한어나일리아전제수구과부상보장만그"
    "있여성주원및들년월환경",
}
# GB 18030 holds traditional characters too.
_FREQUENT["gb18030"] += _FREQUENT["big5hkscs"]
_BIG5_ROWS = ("big5", 0xA4, 0xC6)
_COMMON_ROWS = {
    "gb18030": (("gb2312", 0xB0, 0xD7), _BIG5_ROWS),
    "big5hkscs": (_BIG5_ROWS,),
    "cp932": (("euc_jp", 0xB0, 0xCF),),
    "cp949": (("euc_kr", 0xB0, 0xC8),),
}
_THAI = frozenset("านรกอเงมยลวดทสตะปบคห่้ิีั์ไ")
_GOOD = 0.4
"""The share of frequent letters from which on text is in the language."""
_KNOWN = 0.85
_LATIN = ("cp1252", "cp1254")
_MIXED = re.compile("[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]")
_FEW = 10
"""Fewer bytes beyond ASCII are too few to count letters."""
_INSIDE_WORDS = re.compile(
    r"[^\W\d_][\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf][^\W\d_]"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding, and whether it is beyond doubt."""

    encoding: str
    is_certain: bool


def is_latin(data: bytes) -> bool:
    """Whether the bytes above ASCII stand inside words of ASCII letters, or alone."""
    inside = alone = 0
    for found in _WORD.finditer(data[:_SAMPLE]):
        word = found[0]
        high = len(_HIGH.findall(word))
        if high:
            inside += 0 < high < len(word)
            alone += high == len(word) > 2
    return inside >= alone


def guess(data: bytes) -> Guess | None:
    """The encoding of bytes that nobody declared, or None."""
    data = data[:_SAMPLE]
    found = max(((_multibyte(data, each), each) for each in _FREQUENT), key=lambda each: each[0][0])
    (frequent, known), encoding = found
    if known > _KNOWN and frequent > 0.1:
        return Guess(encoding, is_certain=frequent > 0.2)
    if is_latin(data):
        return _latin(data)
    if len(_HIGH.findall(data)) < _FEW:
        return _few(data, is_multibyte=known > _KNOWN)
    cyrillic, thai = best_cyrillic(data), _share(_strictly(data, "cp874"), _THAI)
    if cyrillic and cyrillic_score(data, cyrillic) > max(_GOOD, thai):
        return Guess(cyrillic, is_certain=not _is_doubtful(data, cyrillic))
    if thai > _GOOD:
        return Guess("cp874", is_certain=thai > _KNOWN)
    return Guess(encoding, is_certain=False) if known > _KNOWN else None


def _latin(data: bytes) -> Guess | None:
    texts = {_strictly(data, each) for each in _LATIN}
    if len(texts) > 1 or None in texts:
        return None  # Turkish, Icelandic and Vietnamese have other letters at the same bytes
    if _INSIDE_WORDS.search(texts.pop() or ""):
        return None  # a sign within a word is a letter of another encoding
    same = [_strictly(data, each) for each in ("cp1252", "cp1250", "cp1251")]
    return Guess("cp1252", is_certain=len(set(same)) == 1)


def _few(data: bytes, *, is_multibyte: bool) -> Guess | None:
    """Windows-1251 for a few Cyrillic letters that are the same in the Kazakh standard."""
    russian, kazakh = _strictly(data, "cp1251"), _strictly(data, "kz1048")
    is_clear = russian == kazakh and cyrillic_score(data, "cp1251") > _GOOD and not is_multibyte
    return Guess("cp1251", is_certain=True) if is_clear else None


def is_multibyte(data: bytes) -> bool:
    """Whether the bytes are Chinese, Japanese or Korean text beyond doubt."""
    found = (_multibyte(data[:_SAMPLE], each) for each in _FREQUENT)
    return any(known > _KNOWN and frequent > 0.2 for frequent, known in found)


def suits_cyrillic(data: bytes, encoding: str) -> bool:
    """Whether text declared as Cyrillic may be so: its words do not mix scripts, and no other
    Cyrillic encoding gives clearly better text."""
    data = data[:_SAMPLE]
    if is_latin(data) and _MIXED.search(_strictly(data, encoding) or ""):
        return False
    best = best_cyrillic(data)
    if not best or len(_HIGH.findall(data)) < _FEW:
        return True
    return cyrillic_score(data, best) <= cyrillic_score(data, encoding) + 0.1


def best_cyrillic(data: bytes) -> str:
    """The Cyrillic encoding that gives the most likely text; empty where none decodes the data."""
    possible = [each for each in _CYRILLIC if _strictly(data, each) is not None]
    return max(possible, key=lambda each: cyrillic_score(data, each), default="")


def is_cyrillic(encoding: str) -> bool:
    """Whether an encoding is one of those that are told apart here."""
    return encoding in _CYRILLIC


def cyrillic_score(data: bytes, encoding: str) -> float:
    """How likely the text is that `encoding` gives, from 0 to 1."""
    text = _strictly(data[:_SAMPLE], encoding)
    if text is None:
        return 0.0
    letters = {letter for letter in text.lower() if "\u0400" <= letter <= "\u04ff"}
    share = _share(text, _FREQUENT_CYRILLIC)
    if not any(letters <= alphabet for alphabet in _ALPHABETS):
        share *= 0.7
    return share - _odd_capitals(text)


def _is_doubtful(data: bytes, encoding: str) -> bool:
    """Whether letters beyond the Russian alphabet rest on the choice between two encodings."""
    ours = _strictly(data, encoding)
    others = (_strictly(data, each) for each in ("cp1251", "kz1048") if each != encoding)
    rivals = encoding in ("cp1251", "kz1048") and any(other not in (None, ours) for other in others)
    return rivals or cyrillic_score(data, encoding) < _GOOD + 0.1


def _odd_capitals(text: str) -> float:
    pairs = re.findall(r"[^\W\d_]{2}", text)
    odd = sum(1 for first, second in pairs if first.islower() and second.isupper())
    return odd / (len(pairs) or 1)


def _share(text: str | None, frequent: frozenset[str]) -> float:
    """How many of the letters beyond ASCII are frequent ones."""
    letters = [letter for letter in (text or "").lower() if letter > "\xbf"]
    return sum(letter in frequent for letter in letters) / (len(letters) or 1)


def _multibyte(data: bytes, encoding: str) -> tuple[float, float]:
    """The share of frequent, and of generally known characters."""
    text = _strictly(data, encoding)
    letters = [letter for letter in text or "" if letter > "\xff" and letter.isalpha()]
    if not letters:
        return 0.0, 0.0
    is_known = _known_by(encoding)
    known = sum(map(is_known, letters)) / len(letters)
    return _share("".join(letters), frozenset(_FREQUENT[encoding])), known


@cache
def _known_by(encoding: str) -> Callable[[str], bool]:
    @cache
    def is_known(letter: str) -> bool:
        coded = (
            (letter.encode(codec, "ignore"), first, last)
            for codec, first, last in _COMMON_ROWS[encoding]
        )
        is_kana = "\u3040" < letter < "\u3100"
        return is_kana or any(
            len(data) == 2 and low <= data[0] <= high for data, low, high in coded
        )

    return is_known


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        # A sample may end within a character.
        cut = error.start >= len(data) - 3 and len(data) == _SAMPLE
        return data[: error.start].decode(encoding) if cut else None
