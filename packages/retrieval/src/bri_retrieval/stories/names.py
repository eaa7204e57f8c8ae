"""Proper names in a text, written so that Latin and Cyrillic spellings come out alike.

A name is a capitalised word that does not begin a sentence; in Chinese, Thai and other scripts
without capitals it is a Latin word. What is kept of it is the beginning of its consonants:
`Tokayev` and `Токаев` are both `tkv`. That is rough on purpose: names are evidence for two records
that are near already, and never bring two together by themselves.
"""

import re
from itertools import islice

from bri_retrieval.folding import fold

MOST = 80
"""Names kept of one text."""

_NAME = re.compile(r"[A-ZÀ-ÞА-ЯЁ][A-Za-zÀ-ɏА-Яа-яЁё'’-]{3,}")
_SENTENCE_END = re.compile(r"[.!?:«\"“(]\s*$|^\s*$")
_LATIN = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіўҳҷӣӯ",
        "a b v g d e zh z i i k l m n o p r s t u f h ts ch sh sh . y . e u a"
        " a g k n o u u h i u h ch i u".split(),
        strict=True,
    )
)
_ALIKE = str.maketrans({"c": "k", "w": "v", "q": "k", "j": "z"})
_DIGRAPHS = (("ph", "f"), ("kh", "h"), ("sch", "sh"), ("ck", "k"), ("x", "ks"), ("dzh", "j"))
_SILENT = re.compile(r"[aeiouy.'’-]")
_DOUBLED = re.compile(r"(.)\1+")
_KEPT, _SHORTEST = 4, 3


def names(text: str) -> list[str]:
    """The distinct names in `text`, at most MOST, in their order."""
    found = (
        consonants(match[0])
        for match in _NAME.finditer(text)
        if not _SENTENCE_END.search(text[max(match.start() - 3, 0) : match.start()])
    )
    return list(islice(dict.fromkeys(each for each in found if len(each) >= _SHORTEST), MOST))


def consonants(word: str) -> str:
    """The beginning of a word's consonants, in Latin letters."""
    latin = "".join(_LATIN.get(letter, letter) for letter in fold(word))
    for written, sounded in _DIGRAPHS:
        latin = latin.replace(written, sounded)
    return _DOUBLED.sub(r"\1", _SILENT.sub("", latin.translate(_ALIKE)))[:_KEPT]
