"""What is generated is current, and what was signed once still verifies."""

from base64 import b64decode
from filecmp import cmpfiles
from pathlib import Path

import orjson
import pytest

from bri_kit.trust import Ledger, Standing

ROOT = Path(__file__).parents[2]
FIRST_ENTRIES = Path(__file__).with_name("first-entries.json")


def test_generated_code_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generating from the contracts again gives the files that are committed."""
    generate = pytest.importorskip("proto.generate", reason="needs grpcio-tools (make dev)")
    monkeypatch.setenv("PATH", f"{ROOT / '.venv/bin'}", prepend=":")
    generate.generate(tmp_path)
    committed = ROOT / "proto" / "gen"
    names = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    same, different, missing = cmpfiles(tmp_path, committed, names, shallow=False)
    assert not different + missing, "run `make proto`"
    assert len(same) == len(names) > 12


def test_entries_of_the_first_version_still_verify() -> None:
    """Bytes signed by version 0.1 are accepted for ever, and say what they said."""
    kept = orjson.loads(FIRST_ENTRIES.read_bytes())
    ledger = Ledger(kept["centre"], b64decode(kept["key"]))
    judged = ledger.judge([b64decode(each) for each in kept["envelopes"]], lambda _number: None)
    assert [each.standing for each in judged] == [Standing.ACCEPTED] * 3
    first, second, third = (each.candidate.entry for each in judged if each.candidate)
    assert [e.title for e in first.published.editions] == ["Solid waste", "Отходы", "固体废物"]
    assert second.published.revision == 2
    assert third.retracted.reason == "published in error"
