"""In which encoding bytes are, whatever their header says.

Rules, in this order:
- a byte order mark is right, but for that of UTF-8, which some programs put before anything;
- what is valid UTF-8 with more than ASCII in it is UTF-8: no other text is so by chance; where
  hardly anything is damaged too;
- what was declared is right where it decodes every byte to something that people write;
- otherwise it is the encoding of the region that gives the least disorder (charset-normalizer's
  measure: odd accents, mixed scripts, suspicious successions of case).

GB 2312 and GBK are read as GB 18030, and Latin-1 as Windows-1252, which contain them.
"""

import codecs
import re
from collections.abc import Iterable

from charset_normalizer.md import mess_ratio

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
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_REGIONAL = ("gb18030", "big5hkscs", "cp1251", "koi8-r", "cp1252", "cp932", "cp949", "cp874")
_DISORDER = 0.2
"""From here on text is not what people write."""
_SOUND = 30
"""So many characters are right for one that is damaged."""
_LOOKED_AT = 20_000
_MARKUP = re.compile(r"<[^<>]*>|&#?\w+;|[ -~\s]{8,}")
_DECLARED = re.compile(rb"(?:encoding|charset)\s*+=\s*+[\"']?+\s*+([A-Za-z0-9_.:-]{2,40})", re.I)
_HEADER = re.compile(r"charset\s*+=\s*+[\"']?+\s*+([A-Za-z0-9_.:-]{2,40})", re.I)


class Undecodable(Exception):
    """Nobody can tell what characters these bytes are."""


def decode(data: bytes, declared: Iterable[str] = ()) -> str:
    """The characters of `data`; `declared` are the names that were said, the most credible first.

    Raises:
        Undecodable: no encoding gives text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        known = [known for name in declared if (known := _known(name))]
        return _leniently(data, "utf-8") or _decode_regional(data, known)


def decode_markup(data: bytes, content_type: str = "") -> str:
    """The characters of an XML or HTML document, which may say itself what it is in. Raises
    Undecodable."""
    if data[:2] in (b"<\0", b"\0<"):
        return data.decode("utf-16-le" if data[0] else "utf-16-be", "replace")
    return decode(data, [*inside(data), *_in_header(content_type)])


def inside(data: bytes) -> list[str]:
    """What a document says of itself, in its first bytes."""
    found = _DECLARED.search(data[:2048])
    return [found[1].decode()] if found else []


def _in_header(content_type: str) -> list[str]:
    found = _HEADER.search(content_type)
    return [found[1]] if found else []


def _known(name: str) -> str:
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return ""
    return "" if known.startswith(("utf", "idna", "puny")) else _WIDER.get(known, known)


def _decode_regional(data: bytes, declared: list[str]) -> str:
    for encoding in declared:
        text = _strictly(data, encoding)
        if text is not None and disorder(text) < _DISORDER:
            return text
    found = [text for each in _REGIONAL if (text := _strictly(data, each)) is not None]
    best = min(found, key=disorder, default=None)
    if best is not None and disorder(best) < _DISORDER:
        return best
    for encoding in [*declared, *_REGIONAL]:
        lenient = _leniently(data, encoding)
        if lenient is not None and disorder(lenient) < _DISORDER:
            return lenient
    raise Undecodable("the characters are in no encoding that is known here")


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None
    return text if isinstance(text, str) else None


def _leniently(data: bytes, encoding: str) -> str | None:
    """Text with a few damaged characters, where nearly all of it is sound."""
    text = data.decode(encoding, "replace")
    beyond = sum(letter > "\x7f" for letter in text)
    return text if text.count("\ufffd") * _SOUND <= beyond else None


def disorder(text: str) -> float:
    """How little the characters look like what people write, without markup; 0 is orderly."""
    return mess_ratio(_MARKUP.sub(" ", text[: _LOOKED_AT * 5])[:_LOOKED_AT], _DISORDER * 2)
