"""What the records mean: an embedder and the vectors it made, asked by readers and kept up by one
worker.

Rules:
- `expect` is called before an index commits, so that no record is ever indexed and forgotten here;
- a question waits for its vector for its share of the deadline (`question_vectors`); without one,
  search goes on in words;
- nothing here is needed for finding records by their words.
"""

from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from threading import Event

import numpy as np
import orjson

from bri_retrieval.meaning.background import Interrupted, background
from bri_retrieval.meaning.changes import Touched
from bri_retrieval.meaning.embedder import Embedder, EmbedderUnavailable, Vector
from bri_retrieval.meaning.fusion import ROWS_PER_RECORD, Kin, kin
from bri_retrieval.meaning.passages import FORMAT, MOST
from bri_retrieval.meaning.question_vectors import QuestionVectors
from bri_retrieval.meaning.vectors import Vectors

_BACKGROUND = "background"
_WARMING = "environment"


class Meaning:
    """An embedder with the vectors it made, in the directory `path`."""

    def __init__(self, path: Path, embedder: Embedder, passages: int = MOST) -> None:
        """At most so many `passages` of an edition are embedded.

        Raises:
            EmbedderUnavailable: the embedder is elsewhere and does not answer.
        """
        self.embedder = embedder
        self.passages = passages
        made_by = f"{embedder.name} {FORMAT} {passages}"
        self.vectors = Vectors(path, made_by, embedder.dimensions)
        self.readable = 0
        """The number of the last change whose record can be read from the index."""
        self.woken = Event()
        """Set when there may be something to embed."""
        self.questions = QuestionVectors(embedder)
        self._ready = False

    @property
    def name(self) -> str:
        """The model's name."""
        return self.embedder.name

    def backlog(self) -> int:
        """How many records wait for their vectors."""
        return self.vectors.ledger.waiting()

    def cursor(self) -> int:
        """The number of the last change that was expected."""
        with self.vectors.ledger.lock:
            return int(self.vectors.ledger.told("cursor") or 0)

    def expect(self, changes: Sequence[Touched], cursor: int) -> None:
        """Let these records wait for their vectors, and forget those of records that are gone."""
        ledger = self.vectors.ledger
        with ledger.lock:
            for each in changes:
                if each.gone:
                    self.vectors.remove(each.record_id)
                    ledger.wait_no_more(each.record_id, each.number)
                    ledger.absolve(each.record_id)
            ledger.wait((each.record_id, each.number) for each in changes if not each.gone)
            ledger.tell("cursor", str(cursor))
            self.vectors.commit()

    def wake(self, cursor: int) -> None:
        """Say that what was expected up to the change `cursor` can be read now."""
        self.readable = cursor
        self.woken.set()

    def clear(self) -> None:
        """Forget all vectors."""
        with self.vectors.ledger.lock:
            self.readable = 0
            self.vectors.ledger.tell("cursor", "0")
            self.vectors.clear()

    def set_aside(self) -> int:
        """How many records get no vectors, because the embedder crashed over them."""
        return self.vectors.ledger.set_aside()

    def embed(self, text: str, deadline: float = inf) -> Vector:
        """The vector of a question that has to be answered by `deadline` (of `time.monotonic`).

        Raises:
            EmbedderUnavailable: the embedder does not answer, or did not lately, or is busy.
        """
        return self.questions.embed(text, deadline)

    def akin(self, text: str, count: int, deadline: float = inf) -> Kin:
        """The records whose meaning is nearest to that of a question which has to be answered by
        `deadline`; none before there is a background to tell affinity by.

        Raises:
            EmbedderUnavailable: as `embed`.
        """
        if not self.ready:
            raise EmbedderUnavailable("nothing is embedded yet")
        near = self.vectors.akin(self.embed(text, deadline), ROWS_PER_RECORD * count)
        return kin(near, count)

    @property
    def ready(self) -> bool:
        """Whether there is a background to tell affinity by."""
        return self._ready

    def learn_background(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Learn what the vectors of any text have in common, and keep it; `go_on` is asked before
        each.

        Raises:
            EmbedderUnavailable: as `embed`.
            Interrupted: `go_on` said no.
        """
        ledger = self.vectors.ledger
        with ledger.lock:
            if not go_on():
                raise Interrupted
            kept = ledger.told(_BACKGROUND)
        if kept:
            means = {name: np.array(mean, np.float32) for name, mean in orjson.loads(kept).items()}
        else:
            means = background(self.embedder, go_on)
            told = orjson.dumps(means, option=orjson.OPT_SERIALIZE_NUMPY).decode()
            with ledger.lock:
                if not go_on():
                    raise Interrupted
                ledger.tell(_BACKGROUND, told)
                self.vectors.commit()
        self.vectors.learn_background(means)
        self.embedder.embed_query(_WARMING)  # no reader waits until the model is loaded
        self._ready = True

    def close(self) -> None:
        """Let go of files, memory, processes and connections."""
        self.questions.close()
        self.vectors.close()
        self.embedder.close()
