"""The embedder of a replica, and the thread that embeds what waits.

Rules:
- a replica answers in words until its embedder is there, and says so; an embedder elsewhere that is
  away at the start is looked for until it comes;
- passages that were embedded before, whatever became of the index, are not embedded again;
- nothing here holds up following, indexing or answering.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import structlog

from bri_retrieval.engine import Engine
from bri_retrieval.meaning.backlog import LONGEST_PAUSE, Worker
from bri_retrieval.meaning.embedder import Embedder, EmbedderUnavailable
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.passage_cache import CachedEmbedder
from bri_retrieval.meaning.passages import MOST

CACHE = "passages.sqlite"
FIRST_PAUSE = 1.0
logger = structlog.get_logger()


class Embedding:
    """Gives `engine` the meaning of its records, kept in the directory `path`; without an
    `embedder`, nothing. At most so many `passages` of an edition are embedded.
    `told` hears of each record that got its vectors, or lost them."""

    def __init__(
        self,
        engine: Engine,
        path: Path,
        embedder: Embedder | None,
        told: Callable[[str], None] | None = None,
        passages: int = MOST,
    ) -> None:
        self._engine, self._path, self._told = engine, path, told
        self._embedder = CachedEmbedder(embedder, path / CACHE) if embedder else None
        self._passages = passages
        self._closing = Event()
        self._waiting = Thread(target=self._wait, name="embedder", daemon=True)
        self._worker: Worker | None = None
        self.meaning: Meaning | None = None
        """None without an embedder, and until it answers."""

    @property
    def name(self) -> str:
        """The model; empty where search works in words alone."""
        return self.meaning.name if self.meaning else ""

    @property
    def backlog(self) -> int:
        """How many records wait for their vectors."""
        return self.meaning.backlog() if self.meaning else 0

    @property
    def set_aside(self) -> int:
        """How many records get no vectors, because the embedder crashed over them."""
        return self.meaning.set_aside() if self.meaning else 0

    def start(self) -> None:
        """Open what there is, or begin to wait for it."""
        if self._embedder is None:
            logger.info("search.words_alone", reason="no embedder is set, or installed")
        elif not self._open(self._embedder):
            self._waiting.start()

    def close(self) -> None:
        """Stop embedding, and let go of everything."""
        self._closing.set()
        if self._waiting.ident is not None:
            self._waiting.join()
        if self._worker:
            self._worker.close()
        if self.meaning:
            self.meaning.close()
        elif self._embedder:
            self._embedder.close()

    def _wait(self) -> None:
        pause = FIRST_PAUSE
        while self._embedder and not self._closing.wait(pause):
            if self._open(self._embedder):
                return
            pause = min(2 * pause, LONGEST_PAUSE)

    def _open(self, embedder: Embedder) -> bool:
        try:
            meaning = Meaning(self._path, embedder, self._passages)
        except EmbedderUnavailable as reason:
            logger.warning("search.words_alone", reason=str(reason))
            return False
        self._engine.attach(meaning)
        self._worker = Worker(meaning, self._engine, self._told)
        self._worker.start()
        self.meaning = meaning
        logger.info("search.meaning", model=meaning.name, backlog=meaning.backlog())
        return True
