"""What only an index on disk can go through."""

import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tantivy import Document

from bri_retrieval.embedded import EmbeddedEngine, schema
from bri_retrieval.engine import EngineUnavailable
from tests.contract.engines.conftest import Shelf, a_record


def filled(path: Path) -> Path:
    engine = EmbeddedEngine(path)
    Shelf(engine).put(a_record(1, en="Waste"))
    engine.close()
    return path


def assert_begun_again(path: Path) -> None:
    with capture_logs() as logs:
        engine = EmbeddedEngine(path)
    assert [entry["event"] for entry in logs] == ["index.rebuilt"]
    assert (engine.cursor(), engine.count()) == (0, 0)
    Shelf(engine).put(a_record(1, en="Waste"))
    assert engine.count() == 1
    engine.close()


def test_an_index_of_another_version_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is migrated: the log has everything."""
    filled(tmp_path)
    monkeypatch.setattr(schema, "FORMAT", schema.FORMAT + 1)
    assert_begun_again(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00" * 100])
def test_an_index_that_cannot_be_opened_is_begun_again(tmp_path: Path, damage: bytes) -> None:
    """Whatever happened to its list of segments."""
    (filled(tmp_path) / "meta.json").write_bytes(damage)
    assert_begun_again(tmp_path)


@pytest.mark.parametrize("suffix", [".store", ".term", ".fast", ".idx"])
@pytest.mark.parametrize("keep", [0, 20])
def test_an_index_with_damaged_files_is_begun_again(tmp_path: Path, suffix: str, keep: int) -> None:
    """Cut short, as a full disk may leave them."""
    for file in filled(tmp_path).glob(f"*{suffix}"):
        file.write_bytes(file.read_bytes()[:keep])
    assert_begun_again(tmp_path)


def test_files_without_a_cursor_are_begun_again(tmp_path: Path) -> None:
    """Nobody knows how far they are."""
    index, _ = schema.open_index(tmp_path)
    writer = index.writer(15_000_000, 1)
    writer.add_document(Document())
    writer.commit()
    del writer
    assert_begun_again(tmp_path)


def test_one_index_has_one_writer(tmp_path: Path) -> None:
    """A second one is told so, and harms nothing."""
    engine = EmbeddedEngine(tmp_path)
    Shelf(engine).put(a_record(1, en="Waste"))
    with pytest.raises(EngineUnavailable, match="cannot be written"):
        EmbeddedEngine(tmp_path)
    assert engine.count() == 1
    engine.close()


def test_an_engine_without_an_embedder_needs_no_numbers() -> None:
    """Nodes pay nothing for what they do not use."""
    look = "import sys, bri_retrieval.embedded; print('numpy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", look], text=True).strip() == "False"
