"""Text as Meilisearch gets it: our own tokens, a space between each.

Rules:
- what is indexed and what is asked go the same way, and it is ours: folding, segmentation and stems
  are those of every other engine. Of Chinese, Meilisearch's own tokenizer would search by sound,
  Russian it would not stem at all;
- a long Chinese word becomes the words in it, side by side (固体废物: 固体 废物), so that a word
  and its parts are found by asking for tokens in a row, wherever the dictionary cut;
- characters of scripts without spaces are moved to a private plane of Unicode, one for one, where
  Meilisearch leaves words as they are;
- tokens are letters, marks and digits only: nothing in them is an operator to Meilisearch.
"""

import re
from collections.abc import Iterator

from bri_retrieval import segmentation
from bri_retrieval.analysis import plain, stem, words
from bri_retrieval.folding import fold

_DIGITS = re.compile(r"[0-9]+")
_HAN_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_UNSPACED_RUN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")
_PRIVATE_PLANE = 0xF0000
_MOVED = {
    code: _PRIVATE_PLANE + code
    for block in ((0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0x3400, 0xA000))
    for code in range(*block)
} | {code: _PRIVATE_PLANE + code for code in range(0xF900, 0xFB00)}
_BACK = {moved: code for code, moved in _MOVED.items()}
_LONGEST_PART = 3
"""Characters of the longest Chinese word that stands within another."""

LONGEST = 60
"""Characters of a token; longer ones are no words, and Meilisearch drops them."""


def tokenize(text: str) -> list[str]:
    """The tokens of a text in any language, in the order in which they stand."""
    text = _DIGITS.sub(lambda digits: f" {digits[0]} ", plain(fold(text)))
    if segmentation.is_han(text):
        text = _HAN_RUN.sub(lambda run: f" {' '.join(_fine(run[0]))} ", text)
    if segmentation.is_unspaced(text):
        text = _UNSPACED_RUN.sub(_unspaced, text)
    tokens = (stem(stem(word, "xx"), "en")[:LONGEST] for word in words(text))
    return [token if token.isascii() else moved(token) for token in tokens]


def moved(text: str) -> str:
    """`text` with characters of scripts without spaces where `tokenize` puts them."""
    return text.translate(_MOVED)


def unmoved(text: str) -> str:
    """What `moved` made of a text, back again."""
    return text.translate(_BACK)


def _fine(run: str) -> Iterator[str]:
    for word in segmentation.chinese_words(run):
        yield from _parts(word) if len(word) > 2 else (word,)


def _parts(word: str) -> Iterator[str]:
    """The shorter words that `word` is made of, the longest first from the left; a character that
    belongs to none stands alone."""
    known = set(segmentation.chinese_index(word).split(segmentation.SEPARATOR))
    while word:
        sizes = range(min(_LONGEST_PART, len(word)), 1, -1)
        size = next((size for size in sizes if word[:size] in known), 1)
        yield word[:size]
        word = word[size:]


def _unspaced(run: "re.Match[str]") -> str:
    return f" {' '.join(segmentation.unspaced_words(run[0]))} "
