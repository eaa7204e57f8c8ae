"""How well words alone find what was asked: `python tests/bench/relevance.py DIR`.

DIR holds XQuAD as described in shared/relevance/README.md; it is read and never copied.
"""

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bri.content.v1 import content_pb2

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change, Query

LANGUAGES = ("en", "zh", "ru")
Rows = Sequence[Mapping[str, Any]]


def measure(directory: Path, prefix: str = "xquad-dev") -> dict[str, dict[str, float]]:
    """Recall@1, recall@10 and MRR@10, by `question>passages` languages, and asked of records that
    have all three editions (`question>together`)."""
    passages, questions = (
        _rows(directory / f"{prefix}.{name}.jsonl") for name in ("passages", "queries")
    )
    figures = {}
    for shape, editions in [
        *((language, [language]) for language in LANGUAGES),
        ("together", LANGUAGES),
    ]:
        with tempfile.TemporaryDirectory() as path:
            engine = EmbeddedEngine(Path(path))
            identifiers = _publish(engine, passages, editions)
            for language in LANGUAGES:
                asked = [row for row in questions if row["lang"] == language]
                figures[f"{language}>{shape}"] = _figures(engine, asked, identifiers)
            engine.close()
    return figures


def _rows(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _publish(engine: EmbeddedEngine, rows: Rows, languages: Sequence[str]) -> dict[str, str]:
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        texts[row["id"]][row["lang"]] = row["text"]
    records = {
        passage: _record(number, texts[passage], languages) for number, passage in enumerate(texts)
    }
    engine.apply([Change(n, record.id, record) for n, record in enumerate(records.values(), 1)])
    engine.commit()
    return {record.id: passage for passage, record in records.items()}


def _record(number: int, texts: Mapping[str, str], languages: Sequence[str]) -> content_pb2.Record:
    return content_pb2.Record(
        id=f"sco:{number:026d}",
        kind=content_pb2.KIND_NEWS,
        original_language=languages[0],
        # A title of words that nobody asks for: the passage alone shall be found.
        editions=[
            content_pb2.Edition(language=language, title=f"#{number}", body=texts[language])
            for language in languages
        ],
    )


def _figures(engine: EmbeddedEngine, asked: Rows, names: Mapping[str, str]) -> dict[str, float]:
    places = []
    for row in asked:
        hits = engine.search(Query(row["text"], language=row["lang"])).hits
        found = [names[hit.id] for hit in hits]
        places.append(found.index(row["passage"]) + 1 if row["passage"] in found else 0)
    return {
        "recall@1": _mean(places, lambda place: place == 1),
        "recall@10": _mean(places, lambda place: place > 0),
        "mrr@10": _mean(places, lambda place: 1 / place if place else 0.0),
    }


def _mean(places: Sequence[int], worth: Callable[[int], float]) -> float:
    return sum(map(worth, places)) / len(places)


def _lines(figures: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    for pair, row in figures.items():
        yield f"{pair:12s} " + "  ".join(f"{name} {value:.3f}" for name, value in row.items())


if __name__ == "__main__":
    print("\n".join(_lines(measure(Path(sys.argv[1])))))
