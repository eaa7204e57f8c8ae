"""How fast records become searchable, against tantivy given ready-made documents in the same run:
`python -m tests.bench.indexing [COUNT]`.

The two take turns, batch by batch: what else the machine does then slows both.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bri.content.v1 import content_pb2

from bri_retrieval.embedded import EmbeddedEngine, documents, schema
from bri_retrieval.embedded.engine import HEAP_BYTES
from bri_retrieval.engine import Change
from tests.bench import corpus

BATCH = 1_000


def measure(records: Sequence[content_pb2.Record]) -> dict[str, float]:
    """Records a second of the engine (`engine`), of bare tantivy with the same schema, threads and
    commits (`bare`) and of preparing documents alone (`prepare`); `ratio`, engine to bare, and
    `cpu_ratio`, the same by processor time."""
    spent: dict[str, Spent] = {name: Spent() for name in ("prepare", "bare", "engine")}
    with tempfile.TemporaryDirectory() as path:
        engine = EmbeddedEngine(Path(path) / "engine")
        index, _ = schema.open_index(Path(path) / "bare")
        writer = index.writer(HEAP_BYTES, 1)
        for start in range(0, len(records), BATCH):
            batch = list(enumerate(records[start : start + BATCH], start + 1))
            with spent["prepare"]:
                ready = [
                    documents.document(documents.card(record, number)) for number, record in batch
                ]
            with spent["engine"]:
                engine.apply([Change(number, record.id, record) for number, record in batch])
                engine.commit()
            with spent["bare"]:
                for document in ready:
                    writer.add_document(document)
                writer.commit()
        engine.close()
        writer.wait_merging_threads()  # or they write into a folder that is being removed
    rates = {name: len(records) / each.wall for name, each in spent.items()}
    return rates | {
        "ratio": spent["bare"].wall / spent["engine"].wall,
        "cpu_ratio": spent["bare"].processor / spent["engine"].processor,
    }


@dataclass(slots=True)
class Spent:
    """Seconds spent inside its blocks, by the clock and by this process's threads."""

    wall: float = 0.0
    processor: float = 0.0

    def __enter__(self) -> None:
        self.wall -= time.perf_counter()
        self.processor -= time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter()
        self.processor += time.process_time()


def records(count: int) -> Iterator[content_pb2.Record]:
    """Records of about 4 KB in Chinese, English and Russian, each with one edition."""
    for number, row in enumerate(corpus.records(count)):
        yield corpus.to_record(f"sco:{number:026d}", row)


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    for name, value in measure(list(records(wanted))).items():
        print(f"{name:9s} {value:9.2f}")
