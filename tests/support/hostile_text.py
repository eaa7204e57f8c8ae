"""Texts that break software which takes characters for bytes, or an expansion for its input. Pure.

Rules:
- `everything` holds each code point of Unicode exactly once, but for lone surrogates, which no
  UTF-8 text holds; `lone_surrogates` returns their bytes;
- expansion is measured with the Unicode tables of this Python: characters after NFKC or NFKD.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

CHUNK = 1_000
BASMALA = "\ufdfa"
"""One character whose NFKC form has 18: the largest expansion there is."""

_SURROGATES = range(0xD800, 0xE000)
_HIGHEST = 0x110000
_MUCH = 3


@cache
def expanding() -> str:
    """All characters whose NFKC or NFKD form has more than three characters."""
    # What has no decomposition stays as it is, but for Hangul, whose syllables become three.
    decomposed = filter(unicodedata.decomposition, _characters())
    return "".join(char for char in decomposed if _expansion(char) > _MUCH)


def everything(size: int = CHUNK) -> Iterator[str]:
    """All of Unicode, in texts of `size` characters."""
    yield from _chunks("".join(_characters()), size)


def assigned(size: int = CHUNK) -> Iterator[str]:
    """All characters that have a meaning, in texts of `size` characters: private use and
    unassigned ones are left out."""
    yield from _chunks("".join(filter(_is_assigned, _characters())), size)


def unassigned(size: int = CHUNK) -> Iterator[str]:
    """All that `assigned` leaves out, in texts of `size` characters."""
    yield from _chunks("".join(each for each in _characters() if not _is_assigned(each)), size)


def is_xml(char: str) -> bool:
    """Whether XML 1.0 can hold the character (section 2.2)."""
    return char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff\x7f")


def lone_surrogates() -> bytes:
    """The bytes of both halves of a pair, each alone, as no UTF-8 has them."""
    return b"\xed\xa0\x80\xed\xb0\x80"


@cache
def curious() -> Mapping[str, str]:
    """Short texts by name, each of which has stopped some software before."""
    return {
        "null": "before\x00after",
        "controls": "".join(map(chr, range(1, 32))),
        "noncharacters": "a\ufffeb\uffffc\ufdd0d\U0001fffee\U0010ffff",
        "basmala": BASMALA,
        "basmala-10": BASMALA * 10,
        "basmala-60": BASMALA * 60,
        "basmala-1000": BASMALA * 1_000,
        "expanding": expanding(),
        "combining": "a" + "\u0300" * 900,
        "combining-pairs": "a\u0300" * 300,
        "hangul": "\u1100\u1161\u11a8" * 300,
        "bidi": "\u202e\u2066\u202d\u2067" * 200 + "a" + "\u202c\u2069" * 200,
        "joiners": "\u200d\u200c\u2060\ufeff" * 200,
        "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 100,
        "tags": "".join(chr(0xE0000 + code) for code in range(0x20, 0x7F)),
        "variation": "\u8fbb\U000e0100" * 300,
        "line-separators": "a\u2028b\u2029c\x85d",
        "replacement": "\ufffd" * 300,
        "one-word": "x" * 1_000,
        "quotes": '"' * 500 + "'" * 500,
        "brackets": "(" * 500 + "[" * 500,
        "markup": "<![CDATA[</script><!--" * 40 + "]]>-->",
        "entities": "&#0;&#xFFFE;&lt;&amp;amp;" * 40,
        "templates": "{{7*7}}${7*7}%s%n{0}\\u0000" * 20,
    }


def _characters() -> Iterator[str]:
    return (chr(code) for code in range(_HIGHEST) if code not in _SURROGATES)


def _expansion(char: str) -> int:
    return max(len(unicodedata.normalize(form, char)) for form in ("NFKC", "NFKD"))


def _is_assigned(char: str) -> bool:
    return unicodedata.category(char) not in ("Cn", "Co")


def _chunks(text: str, size: int) -> Iterator[str]:
    return (text[begin : begin + size] for begin in range(0, len(text), size))
