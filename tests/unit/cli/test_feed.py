"""Records out of files, each with the place that it came from."""

import io
import json
import sys
from pathlib import Path

import pytest

from bri_cli import feed
from bri_cli.feed import FileUnreadable

RECORD = {"kind": "news", "title": "固体废物"}


def places(path: Path) -> list[tuple[str, str]]:
    return [(item.place.rpartition("/")[2], item.line.decode()) for item in feed.items(str(path))]


def test_lines_are_handed_on_unread(tmp_path: Path) -> None:
    """One broken line is one rejected line, and blank ones are none."""
    path = tmp_path / "a.ndjson"
    path.write_text('\ufeff{"a": 1}\n\n{"a": \r\n{"a": 3}')
    assert places(path) == [
        ("a.ndjson:1", '{"a": 1}'),
        ("a.ndjson:3", '{"a":'),
        ("a.ndjson:4", '{"a": 3}'),
    ]


def test_lines_are_known_by_the_first_one(tmp_path: Path) -> None:
    """Whatever the file is called, and from standard input too."""
    path = tmp_path / "a.json"
    path.write_text(f"{json.dumps(RECORD)}\n{json.dumps(RECORD)}\n")
    assert [place for place, _ in places(path)] == ["a.json:1", "a.json:2"]


def test_a_document_may_be_one_record_or_many(tmp_path: Path) -> None:
    """Printed prettily or not."""
    one, many = tmp_path / "one.json", tmp_path / "many.json"
    one.write_text(json.dumps(RECORD, indent=2))
    many.write_text(json.dumps([RECORD, RECORD], indent=2))
    assert [(place, json.loads(line)) for place, line in places(one)] == [("one.json", RECORD)]
    assert [place for place, _ in places(many)] == ["many.json[0]", "many.json[1]"]


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its places say so."""

    class Piped:
        buffer = io.BytesIO(b'{"a": 1}\n{"a": 2}\n')

    monkeypatch.setattr(sys, "stdin", Piped)
    assert [item.place for item in feed.items("-")] == ["stdin:1", "stdin:2"]


@pytest.mark.parametrize("text", ["hello", '"hello"', "[1,"])
def test_what_is_not_json_is_refused_whole(tmp_path: Path, text: str) -> None:
    """Where not even the beginning is a record, there is nothing to reject line by line."""
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(FileUnreadable, match=r"a\.txt"):
        list(feed.items(str(path)))


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    """And is no mistake."""
    path = tmp_path / "a.json"
    path.write_text("\n")
    assert places(path) == []


def test_a_missing_file_is_told_before_anything_is_sent() -> None:
    """Its name stands in the message."""
    with pytest.raises(FileUnreadable, match="nowhere"):
        feed.size_of("nowhere")
