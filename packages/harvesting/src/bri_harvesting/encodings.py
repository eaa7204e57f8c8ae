"""In which encoding bytes are, and what had to be assumed or replaced to read them.

Rules, in this order:
- a byte order mark is right, except that of UTF-8, which some programs put before anything;
- valid UTF-8 beyond ASCII is UTF-8: no other text is so by chance; if most of it is valid, what is
  not is replaced;
- a declaration that decodes the bytes holds, the document's own before the server's, unless the
  text would be in another script than its words are (Cyrillic declared as Latin-1) or the letters
  of no language (KOI8-R declared as Windows-1251);
- otherwise the letters tell it (`legacy_charsets`); if they do not, nobody is guessing: the bytes
  are refused, and a person says what they are;
- whatever was replaced, or assumed on weak evidence, is said in `remark`.

Names stand for what the web means by them (WHATWG Encoding): GB 2312 and GBK are read as GB 18030,
Latin-1 as Windows-1252.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bri_harvesting import legacy_charsets

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_LATIN = frozenset("cp1252 cp1250 cp1254 cp1257 iso8859-2 iso8859-15 iso8859-4 iso8859-13".split())
_STATEFUL = ("iso2022", "hz")
_SOUND = 0.75
"""The share of bytes beyond ASCII that are valid UTF-8 from which on text is UTF-8."""
_SOUND_DECLARED = 0.5
_DAMAGED = 0.02
"""The share of characters that may be damaged in another encoding that was declared."""
_DECLARED = re.compile(rb"(?:encoding|charset)\s*+=\s*+[\"']?+\s*+([A-Za-z0-9_.:-]{2,40})", re.I)
_HEADER = re.compile(r"charset\s*+=\s*+[\"']?+\s*+([A-Za-z0-9_.:-]{2,40})", re.I)
BYTES_REPLACED = "bytes that are no text in the document's encoding were replaced by \ufffd"
_ASSUMED = (
    "the encoding is not declared, or not as declared; the text was read as {}: check letters"
)


class Undecodable(Exception):
    """Nobody can tell what characters these bytes are."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text; `remark` says what was replaced or assumed, empty if nothing was."""

    text: str
    remark: str = ""


def decode(data: bytes, declared: Iterable[str] = ()) -> Decoded:
    """The characters of `data`; `declared` are the names that were given, the most credible first.

    Raises:
        Undecodable: no encoding gives text, or several do.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _replaced(data[len(mark) :].decode(encoding, "replace"))
    data = data.removeprefix(codecs.BOM_UTF8)
    names = list(declared)
    known = [found for name in names if (found := _known(name))]
    if known and known[0].startswith(_STATEFUL):
        return _replaced(data.decode(known[0], "replace"))
    if wide := _unmarked_utf16(data):
        return _replaced(data.decode(wide, "replace"))
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _as_damaged_utf8(data, names) or _in_declared(data, known) or _guessed(data, known)


def decode_markup(data: bytes, content_type: str = "") -> Decoded:
    """The characters of an XML or HTML document, which may declare its encoding. Raises
    Undecodable."""
    if data[:2] in (b"<\0", b"\0<"):
        return _replaced(data.decode("utf-16-le" if data[0] else "utf-16-be", "replace"))
    return decode(data, [*inside(data), *_in_header(content_type)])


def inside(data: bytes) -> list[str]:
    """What a document declares in its first bytes."""
    found = _DECLARED.search(data[:2048])
    return [found[1].decode()] if found else []


def _in_header(content_type: str) -> list[str]:
    found = _HEADER.search(content_type[:1000])
    return [found[1]] if found else []


def _known(name: str) -> str:
    try:
        known = codecs.lookup(name.lower().removeprefix("x-"))
        b"".decode(known.name)  # not one of Python's encodings from bytes to bytes
    except (LookupError, ValueError):
        return ""
    name = known.name
    return "" if name.startswith(("utf", "idna", "puny")) else _WIDER.get(name, name)


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 by the zero bytes that its spaces and figures have; empty where it is not."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 50 < len(sample) or min(even, odd) * 20 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _replaced(text: str) -> Decoded:
    return Decoded(text, BYTES_REPLACED if "\ufffd" in text else "")


def _as_damaged_utf8(data: bytes, names: list[str]) -> Decoded | None:
    text = data.decode("utf-8", "replace")
    beyond = sum(byte > 0x7F for byte in data)
    valid = sum(len(letter.encode()) for letter in text if letter > "\x7f" and letter != "\ufffd")
    is_declared = bool(names) and names[0].lower() in ("utf-8", "utf8")
    least = _SOUND_DECLARED if is_declared else _SOUND
    is_cut = text.endswith("\ufffd") and text.count("\ufffd") == 1
    if (is_cut and (valid or is_declared)) or valid >= least * beyond:
        return _replaced(text)
    return None


def _in_declared(data: bytes, declared: list[str]) -> Decoded | None:
    for encoding in declared:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, ValueError):
            text = data.decode(encoding, "replace")
        damaged = text.count("\ufffd")
        beyond = sum(letter > "\x7f" for letter in text)
        if damaged <= max(2, beyond * _DAMAGED) and damaged < beyond and _holds(data, encoding):
            return _replaced(text)
    return None


def _holds(data: bytes, encoding: str) -> bool:
    """Whether the bytes may be in the encoding that was declared for them."""
    if encoding in _LATIN:
        return legacy_charsets.is_latin(data) and not legacy_charsets.is_multibyte(data)
    if legacy_charsets.is_cyrillic(encoding):
        return legacy_charsets.suits_cyrillic(data, encoding)
    return True


def _guessed(data: bytes, declared: list[str]) -> Decoded:
    found = legacy_charsets.guess(data)
    if found is None:
        raise Undecodable("the encoding is not declared, and the text does not tell it")
    text = data.decode(found.encoding, "replace")
    if "\ufffd" in text:
        return Decoded(text, BYTES_REPLACED)
    is_certain = found.is_certain and not (declared and found.encoding in _LATIN)
    return Decoded(text, "" if is_certain else _ASSUMED.format(found.encoding))
