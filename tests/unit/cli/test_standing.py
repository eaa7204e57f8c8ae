"""What people are shown of a federation: its centres, its memory, what is wrong with it."""

import io
import shutil
import time
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rich.console import Console

from bri_cli import checkup, dashboard, memory
from bri_cli.acquaintance import agrees, introduce
from bri_cli.checkup import Level
from bri_cli.layout import Layout
from bri_cli.summary import summary

CENTRE: dict[str, Any] = {
    "code": "sco", "state": "active", "records": 18, "last_entry": {"number": 19, "at": None},
    "lag": {"entries": 3, "seconds": 1.5}, "gaps": 1, "rejected": 0, "refused": 0,
}  # fmt: skip


def shown(document: dict[str, Any]) -> str:
    out = io.StringIO()
    dashboard.print_standing(document, Console(file=out, width=140))
    return out.getvalue()


def test_a_standing_is_shown_even_where_parts_are_away() -> None:
    """A centre that cannot be reached and a search that does not answer are said to be so."""
    document = {"hub": "http://h", "centres": [CENTRE], "delivery": {"sco": None}, "search": {}}
    text = shown(document)
    assert "3 (1.5 s)" in text
    assert "not reached" in text
    assert "search: does not answer" in text


def test_what_waits_is_shown_since_when() -> None:
    """And nothing is waiting where all is answered."""
    assert dashboard.waiting({"waiting": 0, "written": 5}) == "0 of 5"
    since = {"waiting": 2, "written": 5, "since": "2026-11-22T08:00:00.000Z"}
    assert dashboard.waiting(since) == "2 of 5 since 2026-11-22T08:00:00.000Z"


def test_memory_is_what_processes_take_in_proportion(tmp_path: Path) -> None:
    """PSS from the kernel's sum, in bytes; a process that is gone takes none."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "smaps_rollup").write_text("Rss:  200 kB\nPss:   120 kB\nPss_Dirty: 3 kB\n")
    assert memory.measure({"hub": 7, "sco": 8}, tmp_path) == {"hub": 120 * 1024}
    (tmp_path / "9" / "task" / "9").mkdir(parents=True)
    (tmp_path / "9" / "task" / "9" / "children").write_text("7 10 ")
    (tmp_path / "9" / "smaps_rollup").write_text("Pss: 30 kB\n")
    assert memory.measure({"search": 9}, tmp_path) == {"search": 150 * 1024}
    both = {"bri up": 9, "hub": 7}
    assert memory.measure(both, tmp_path) == {"bri up": 30 * 1024, "hub": 120 * 1024}
    assert dashboard.memory_line({"total": 3 << 20, "processes": {"hub": 3 << 20}}) == (
        "memory: 3 MiB (hub 3)"
    )


def test_the_hub_knows_a_centre_by_all_that_it_tells() -> None:
    """Another address or key is news; what the hub adds is not."""
    said = {
        "code": "sco", "names": {}, "languages": ["zh"], "countries": ["CN"], "public_key": "k",
    }  # fmt: skip
    introduction = introduce(said, "http://here")
    assert agrees(introduction, {**introduction, "state": "active"})
    assert not agrees(introduction, {**introduction, "url": "http://there"})
    assert not agrees(introduction, {**introduction, "public_key": "other"})


def test_an_old_python_fails() -> None:
    """The oldest that is supported does not."""
    assert checkup.check_python((3, 10)).level is Level.FAIL
    assert checkup.check_python((3, 11)).level is Level.OK


@pytest.mark.parametrize(
    ("free", "level"), [(1 << 20, Level.FAIL), (2 << 30, Level.WARN), (99 << 30, Level.OK)]
)
def test_a_full_disk_is_told(
    free: int, level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a folder that does not exist yet, the disk that it will be on."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    assert checkup.check_disk(Layout(tmp_path / "not" / "yet")).level is level


@pytest.mark.parametrize(("ahead", "level"), [(0, Level.OK), (300, Level.WARN)])
def test_a_wrong_clock_is_told(ahead: int, level: Level) -> None:
    """By the hub's own Date."""
    headers = {"Date": formatdate(time.time() + ahead, usegmt=True)}
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, headers=headers))
    assert checkup.check_clock("http://hub", transport).level is level


def test_the_summary_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options are named only where they are needed."""
    monkeypatch.chdir(tmp_path)
    usual = "\n".join(summary(Layout(tmp_path / "var")))
    assert "--data" not in usual
    assert "--hub" not in usual
    other = "\n".join(summary(Layout(Path("/srv/bri"), 9000)))
    assert "--data /srv/bri" in other
    assert "--hub http://127.0.0.1:9000" in other
