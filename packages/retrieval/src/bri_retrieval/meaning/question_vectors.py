"""The vectors of readers' questions.

Rules:
- a question is embedded once and remembered, its beginning only (`input_text`);
- a question with a deadline waits for its vector for SHARE of the time that it has left, and of
  that for its turn TURN_SECONDS at most: then it is answered by words alone. What is under way is
  finished and remembered all the same, so that the same question finds it the next time;
- an embedder that failed is left alone for a while; one that is merely busy is not.
"""

import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from math import inf
from threading import Event, Lock, Semaphore

import structlog

from bri_retrieval.meaning import input_text
from bri_retrieval.meaning.embedder import Embedder, EmbedderUnavailable, Vector

REMEMBERED = 2_000
"""Questions; their vectors take 3 MB."""

SHARE = 1 / 3
"""Of the time left: 0.5 s of the 1.5 s that a reader's question may take. An ordinary question
takes 30 ms on a quiet machine and 0.15 s on a crowded one, the longest 0.3 s on a quiet one."""

TURN_SECONDS = 0.12
"""A few ordinary questions go first in that time. Where the embedder is busy for longer, waiting
would only keep the threads that answer other readers."""

PAUSE_SECONDS = 5.0
"""So long an embedder that failed is left alone."""

_log = structlog.get_logger()


class EmbedderBusy(EmbedderUnavailable):
    """The embedder has other questions to embed, or takes too long with this one."""


class QuestionVectors:
    """Embeds questions, as many at once as the embedder can, and remembers their vectors."""

    def __init__(self, embedder: Embedder) -> None:
        self.idle = Event()
        """Clear while a question is being embedded: whatever can wait then does."""
        self.idle.set()
        self._embedder = embedder
        self._threads = ThreadPoolExecutor(embedder.questions_at_once, "questions")
        self._turns = Semaphore(embedder.questions_at_once)
        self._lock = Lock()
        self._known: OrderedDict[str, Vector] = OrderedDict()
        self._under_way: dict[str, Future[Vector]] = {}
        self._not_before = 0.0

    def embed(self, text: str, deadline: float = inf) -> Vector:
        """The vector of a question that has to be answered by `deadline` (of `time.monotonic`).

        Raises:
            EmbedderUnavailable: the embedder does not answer, or did not lately, or is busy.
        """
        text = input_text.question(text)
        share = SHARE * (deadline - time.monotonic())
        give_up = time.monotonic() + share
        known = self._found(text)
        if known is None:
            known = self._begin(text, share if share == inf else min(TURN_SECONDS, share))
        if not isinstance(known, Future):
            return known
        left = give_up - time.monotonic()
        try:
            return known.result(None if left == inf else max(left, 0.0))
        except TimeoutError:
            raise EmbedderBusy("the embedder takes longer than the question may") from None

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _found(self, text: str) -> "Vector | Future[Vector] | None":
        """The vector of a question, or what will be, if it is known or under way."""
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
            return self._under_way.get(text)

    def _begin(self, text: str, seconds: float) -> "Future[Vector]":
        if time.monotonic() < self._not_before:
            raise EmbedderUnavailable("the embedder did not answer lately")
        if not self._turns.acquire(timeout=None if seconds == inf else max(seconds, 0.0)):
            raise EmbedderBusy("the embedder is busy with other questions")
        with self._lock:
            self.idle.clear()
            try:
                future = self._threads.submit(self._embed, text)
            except RuntimeError as reason:  # closed
                self._turns.release()
                raise EmbedderUnavailable(str(reason)) from reason
            self._under_way[text] = future
        return future

    def _embed(self, text: str) -> Vector:
        vector = None
        try:
            vector = self._embedder.embed_query(text)
        except EmbedderUnavailable as reason:
            self._not_before = time.monotonic() + PAUSE_SECONDS
            _log.warning("embedder.unavailable", reason=str(reason))
            raise
        finally:
            self._finished(text, vector)
        return vector

    def _finished(self, text: str, vector: "Vector | None") -> None:
        with self._lock:
            self._under_way.pop(text, None)
            if vector is not None:
                self._known[text] = vector
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            if not self._under_way:
                self.idle.set()
        self._turns.release()
