"""Where words begin in scripts that write none apart.

Rules:
- words are separated by a form feed, which no text contains, so that it can be taken out again;
- Chinese is cut by jieba's dictionary; for the index, long words are followed by the words in them
  (固体废物: 固体, 废物, 固体废物), so that a part is found without the whole;
- Thai, Lao, Khmer and Burmese are cut by Unicode's dictionaries (ICU);
- jieba is Rust and takes UTF-8: lone surrogates, which have none, are cut as question marks.
"""

import re
from collections.abc import Sequence

SEPARATOR = "\f"

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_HAN_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_FOREIGN = re.compile(r"[\u0100-\u1fff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


def is_han(text: str) -> bool:
    """Whether `text` has a Chinese character."""
    return _HAN.search(text) is not None


def is_unspaced(text: str) -> bool:
    """Whether `text` has a character of Thai, Lao, Burmese or Khmer script."""
    return _UNSPACED.search(text) is not None


def chinese_words(text: str) -> list[str]:
    """Folded Chinese text cut into words, none overlapping."""
    import rjieba  # the dictionary takes 30 MB and 0.2 s

    return list(rjieba.cut(_encodable(text)))


def chinese_index(text: str) -> str:
    """Folded Chinese text for the index: all words, and the words within words."""
    import rjieba  # as above

    if not _FOREIGN.search(text):
        return _joined(rjieba.cut_for_search(_encodable(text)))
    # Of words in other scripts than Latin jieba would make single letters.
    return _HAN_RUN.sub(lambda run: _joined(rjieba.cut_for_search(run[0])), text)


def _encodable(text: str) -> str:
    return _SURROGATE.sub("?", text)


def _joined(words: Sequence[str]) -> str:
    return f"{SEPARATOR}{SEPARATOR.join(words)}{SEPARATOR}"


def unspaced_words(text: str) -> list[str]:
    """Text with Thai, Lao, Burmese or Khmer in it, cut into words and what is between them."""
    from icu4py.breakers import WordBreaker  # few centres need it

    # The dictionaries follow the script; the locale only matters for punctuation.
    return list(WordBreaker(text, "en"))
