"""How fast records become searchable, against plain tantivy (see `plain`) in the same run, given
ready-made documents and making them itself: `python -m tests.bench.indexing [COUNT]`.

They take turns, a quarter of the records at a time, each until its merges are over: what else
the machine does slows both, and neither works behind another's back.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bri.content.v1 import content_pb2

from bri_retrieval.embedded import EmbeddedEngine, documents
from bri_retrieval.embedded.engine import HEAP_BYTES
from bri_retrieval.engine import Change
from tests.bench import corpus, plain

BATCH = 1_000
WARM_UP = 30
_TURNS = 4
Records = Sequence[tuple[int, content_pb2.Record]]


def measure(records: Sequence[content_pb2.Record]) -> dict[str, float]:
    """Records a second of the engine (`engine`), of plain tantivy with the same threads and commits
    (`bare`), of that with the making of its documents (`making`), and of preparing ours alone
    (`prepare`); `ratio`, engine to bare, `cpu_ratio`, the same by processor time, and
    `making_ratio`, engine to `making`. `size` and `bare_size` are KB a record on the disk."""
    spent: dict[str, Spent] = {name: Spent() for name in ("prepare", "bare", "making", "engine")}
    numbered = list(enumerate(records, 1))
    for number, record in numbered[:WARM_UP]:  # dictionaries are loaded once, in a second
        documents.document(documents.card(record, number))
    share = -(-len(numbered) // _TURNS)
    sizes = {"bare": 0, "engine": 0}
    with tempfile.TemporaryDirectory() as path:
        for start in range(0, len(numbered), share):
            turn = numbered[start : start + share]
            bare, making, engine = (
                Path(path) / f"{name}-{start}" for name in ("bare", "making", "engine")
            )
            _index_plainly(bare, turn, spent["bare"])
            _make_and_index_plainly(making, turn, spent["making"])
            _index(engine, turn, spent["engine"])
            sizes = {"bare": sizes["bare"] + size(bare), "engine": sizes["engine"] + size(engine)}
            with spent["prepare"]:
                for number, record in turn:
                    documents.document(documents.card(record, number))
    rates = {name: len(records) / each.wall for name, each in spent.items()}
    return rates | {
        "ratio": spent["bare"].wall / spent["engine"].wall,
        "cpu_ratio": spent["bare"].processor / spent["engine"].processor,
        "making_ratio": spent["making"].wall / spent["engine"].wall,
        "size": sizes["engine"] / len(records) / 1024,
        "bare_size": sizes["bare"] / len(records) / 1024,
    }


def size(path: Path) -> int:
    """Bytes of all files below `path`."""
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


def _index_plainly(path: Path, records: Records, spent: "Spent") -> None:
    ready = [plain.document(documents.card(record, number)) for number, record in records]
    writer = plain.open_writer(path, HEAP_BYTES)
    with spent:
        for start in range(0, len(ready), BATCH):
            for document in ready[start : start + BATCH]:
                writer.add_document(document)
            writer.commit()
        writer.wait_merging_threads()


def _make_and_index_plainly(path: Path, records: Records, spent: "Spent") -> None:
    writer = plain.open_writer(path, HEAP_BYTES)
    with spent:
        for start in range(0, len(records), BATCH):
            for number, record in records[start : start + BATCH]:
                writer.add_document(plain.document(documents.card(record, number)))
            writer.commit()
        writer.wait_merging_threads()


def _index(path: Path, records: Records, spent: "Spent") -> None:
    engine = EmbeddedEngine(path)
    changes = [Change(number, record.id, record) for number, record in records]
    with spent:
        for start in range(0, len(changes), BATCH):
            engine.apply(changes[start : start + BATCH])
            engine.commit()
        engine._storage.writer().wait_merging_threads()  # nobody but a measure waits for them
    engine.close()


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
        print(f"{name:12s} {value:9.2f}")
