"""An embedder elsewhere: any server with OpenAI's `POST /v1/embeddings`.

Rules:
- the address may carry the model: `http://host:port/v1#model`; without one the server's first model
  is taken;
- `input_type` says whether a text is a question or a passage; a server that ignores it embeds both
  alike;
- what does not answer in time, or answers something else, is EmbedderUnavailable.
"""

from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np

from bri_retrieval.folding import printable
from bri_retrieval.meaning.embedder import EmbedderUnavailable, Matrix, Vector, unit

QUERY_SECONDS = 1.0
"""A reader waits no longer for what a question means; the words are asked meanwhile."""

PASSAGE_SECONDS = 60.0
BATCH = 16


class Endpoint:
    """The embeddings that a server at `address` makes; `key` is sent as a bearer token."""

    questions_at_once = 4

    def __init__(self, address: str, key: str = "") -> None:
        address, _, self._model = address.partition("#")
        address = address.rstrip("/")
        self._address = address if address.endswith("/v1") else f"{address}/v1"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers)
        self._dimensions = 0

    @property
    def name(self) -> str:
        """The model's name; asked of the server where the address has none."""
        if not self._model:
            self._model = str(self._ask("GET", "/models", QUERY_SECONDS)["data"][0]["id"])
        return self._model

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has: what the server answered first."""
        return self._dimensions or len(self.embed_query("?"))

    def embed_query(self, text: str) -> Vector:
        """The vector of a reader's question."""
        vector: Vector = self._embed([text], "query", QUERY_SECONDS)[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """A row for each text."""
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        rows = [self._embed(batch, "passage", PASSAGE_SECONDS) for batch in batches]
        return np.concatenate(rows) if rows else np.empty((0, self.dimensions), np.float32)

    def rest(self) -> None:
        """Nothing: a connection costs little."""

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _embed(self, texts: Sequence[str], role: str, seconds: float) -> Matrix:
        inputs = [printable(text) or "-" for text in texts]  # servers refuse what is empty
        body: dict[str, Any] = {"model": self.name, "input": inputs, "input_type": role}
        answer = self._ask("POST", "/embeddings", seconds, json=body)
        try:
            rows = sorted(answer["data"], key=lambda row: int(row["index"]))
            matrix = unit(np.array([row["embedding"] for row in rows], np.float32))
        except (KeyError, TypeError, ValueError) as reason:
            raise EmbedderUnavailable(f"the embedder answered no embeddings: {reason}") from reason
        if len(matrix) != len(texts) or not np.isfinite(matrix).all():
            raise EmbedderUnavailable("the embedder answered other embeddings than it was asked")
        if self._dimensions not in (0, matrix.shape[1]):
            raise EmbedderUnavailable("the embedder's vectors are of another length than before")
        self._dimensions = matrix.shape[1]
        return matrix

    def _ask(self, method: str, path: str, seconds: float, **options: Any) -> Any:
        try:
            answer = self._client.request(method, self._address + path, timeout=seconds, **options)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as reason:
            raise EmbedderUnavailable(f"the embedder does not answer: {reason}") from reason
