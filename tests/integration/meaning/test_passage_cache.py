"""Vectors kept by their text: nothing is embedded twice, and nothing depends on the file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bri.content.v1 import content_pb2

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change
from bri_retrieval.meaning import passage_cache
from bri_retrieval.meaning.embedder import EmbedderUnavailable
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.passage_cache import CachedEmbedder
from tests.support.embedding import RememberingEmbedder, embed_all

TEXTS = ["Solid waste", "固体废物管理", "Обращение с отходами", "Solid waste"]


@pytest.fixture
def embedder() -> RememberingEmbedder:
    return RememberingEmbedder()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "meaning" / "passages.sqlite"


@pytest.fixture
def cached(embedder: RememberingEmbedder, path: Path) -> Iterator[CachedEmbedder]:
    opened = CachedEmbedder(embedder, path)
    yield opened
    opened.close()


def test_a_text_is_embedded_once(
    embedder: RememberingEmbedder, cached: CachedEmbedder, path: Path
) -> None:
    """Also by the next process; vectors are those that the embedder made."""
    made = cached.embed_passages(TEXTS)
    assert embedder.embedded == TEXTS[:3]
    assert np.array_equal(made[0], made[3])
    cached.close()
    again = CachedEmbedder(embedder, path)
    kept = again.embed_passages(["Snow leopards", *TEXTS])
    assert embedder.embedded == [*TEXTS[:3], "Snow leopards"]
    assert kept.dtype == np.float32
    assert np.sum(kept[1:] * made, axis=1).min() > 0.99999
    assert again.embed_passages([]).shape == (0, again.dimensions)
    again.close()


def test_another_model_has_vectors_of_its_own(cached: CachedEmbedder, path: Path) -> None:
    """The text alone does not tell what its vector is."""
    cached.embed_passages(TEXTS)
    other = RememberingEmbedder("another")
    once_more = CachedEmbedder(other, path)
    once_more.embed_passages(TEXTS)
    assert other.embedded == TEXTS[:3]
    once_more.close()


def test_what_nobody_asks_for_goes(
    embedder: RememberingEmbedder, cached: CachedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a month, and beyond the most that are kept; what is asked for stays."""
    monkeypatch.setattr(passage_cache, "_today", lambda: 100)
    cached.embed_passages(TEXTS[:2])
    monkeypatch.setattr(passage_cache, "_today", lambda: 100 + passage_cache.LONGEST_DAYS)
    cached.embed_passages(TEXTS[:1])
    monkeypatch.setattr(passage_cache, "_today", lambda: 101 + passage_cache.LONGEST_DAYS)
    cached.embed_passages(TEXTS[2:3])
    embedder.embedded.clear()
    cached.embed_passages(TEXTS)
    assert embedder.embedded == TEXTS[1:2]
    monkeypatch.setattr(passage_cache, "MOST", 1)
    monkeypatch.setattr(passage_cache, "_today", lambda: 102 + passage_cache.LONGEST_DAYS)
    cached.embed_passages(["Snow leopards"])
    embedder.embedded.clear()
    cached.embed_passages([*TEXTS, "Snow leopards"])
    assert embedder.embedded == TEXTS[:3]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_damaged_file_costs_time_only(
    embedder: RememberingEmbedder, path: Path, content: bytes
) -> None:
    """It is begun again."""
    path.parent.mkdir()
    path.write_bytes(content)
    cached = CachedEmbedder(embedder, path)
    for _ in range(3):
        assert cached.embed_passages(TEXTS).shape == (4, cached.dimensions)
    assert len(embedder.embedded) < 9
    cached.close()


def test_a_file_that_cannot_be_made_costs_time_only(
    embedder: RememberingEmbedder, tmp_path: Path
) -> None:
    """Where there is no room, or a file is in the way."""
    (tmp_path / "meaning").write_text("in the way")
    cached = CachedEmbedder(embedder, tmp_path / "meaning" / "passages.sqlite")
    assert cached.embed_passages(TEXTS).shape == (4, cached.dimensions)
    cached.close()


def test_an_embedder_that_is_away_is_away(
    embedder: RememberingEmbedder, cached: CachedEmbedder
) -> None:
    """What is known is answered all the same."""
    cached.embed_passages(TEXTS)
    embedder.away = True
    assert cached.embed_passages(TEXTS).shape == (4, cached.dimensions)
    with pytest.raises(EmbedderUnavailable):
        cached.embed_passages(["Snow leopards"])


def test_an_index_that_begins_again_embeds_nothing(
    embedder: RememberingEmbedder, cached: CachedEmbedder, tmp_path: Path
) -> None:
    """Where the hub's log began anew, everything is forgotten, and filled again from it."""
    meaning = Meaning(tmp_path / "meaning", cached)
    engine = EmbeddedEngine(tmp_path / "index", meaning=meaning)
    name = f"sco:{1:026d}"
    edition = content_pb2.Edition(language="en", title="Glacier retreat", body="<p>It melts.</p>")
    record = content_pb2.Record(id=name, original_language="en", editions=[edition])
    for _ in range(2):
        engine.clear()
        assert not len(meaning.vectors)
        engine.apply([Change(1, name, record)])
        engine.commit()
        embed_all(meaning, engine)
        assert len(meaning.vectors) == 1
    assert len([each for each in embedder.embedded if "Glacier" in each]) == 1
    engine.close()
    meaning.close()
