"""What the vectors of each language share, and what all of them do.

Rules:
- what a language shares is the mean of its rows; the background, the means of a stock of texts, is
  as good as PRIOR rows of it, so that an index with a handful of records is no guess;
- a mean stands until the number of its rows has changed by a fifth.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bri_retrieval.meaning.embedder import Vector

PRIOR = 50
"""Rows that the background is worth."""

LINKING_PRIOR = 10
"""The same where passages are compared with passages; see ADR 17."""

_DRIFT = 0.2

Floats = npt.NDArray[np.float32]


@dataclass(slots=True)
class Tongue:
    """One language: the sum and number of its rows, and the mean that stands."""

    name: str
    total: npt.NDArray[np.float64]
    mean: Floats
    count: int = 0
    settled: int = 0

    @property
    def has_drifted(self) -> bool:
        """Whether so many rows came or went that the mean is to be taken anew."""
        return abs(self.count - self.settled) > _DRIFT * (self.settled + PRIOR)


class Means:
    """All languages, each known by its place in `tongues`; `shared` is the mean of their means."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self.background: Mapping[str, Vector] = {}
        self.forget()

    def forget(self) -> None:
        """There are no languages; the background stays."""
        self.tongues: list[Tongue] = []
        self.shared = np.zeros(self._dimensions, np.float32)

    def code(self, name: str) -> int:
        """The place of a language, which is made where there is none."""
        for code, tongue in enumerate(self.tongues):
            if tongue.name == name:
                return code
        nothing = np.zeros(self._dimensions)
        self.tongues.append(Tongue(name, nothing, nothing.astype(np.float32)))
        self.settle(len(self.tongues) - 1)
        return len(self.tongues) - 1

    def settle(self, code: int) -> None:
        """Let the mean of a language's rows as they are now stand."""
        tongue = self.tongues[code]
        tongue.mean = self._mean(tongue, PRIOR)
        tongue.settled = tongue.count
        self.shared = np.mean([each.mean for each in self.tongues], axis=0, dtype=np.float32)

    def now(self, tongue: Tongue) -> Floats:
        """The mean of a language's rows as they are now, for comparing passages with passages."""
        return self._mean(tongue, LINKING_PRIOR)

    def without(self, vector: Vector, language: str) -> Vector:
        """A vector of a language, less the mean of that as it is now; of length 1."""
        own = next((each for each in self.tongues if each.name == language), None)
        left = vector if own is None else vector - self.now(own)
        return np.divide(left, max(float(np.linalg.norm(left)), 1e-9), dtype=np.float32)

    def _mean(self, tongue: Tongue, prior: int) -> Floats:
        total = tongue.total + prior * self._prior(tongue.name)
        mean: Floats = (total / (tongue.count + prior)).astype(np.float32)
        return mean

    def _prior(self, name: str) -> Floats:
        prior = self.background.get(name)
        if prior is None:
            known = list(self.background.values())
            prior = np.mean(known, axis=0) if known else np.zeros(self._dimensions, np.float32)
        return prior
