"""What a reader of the guides types works: every command is run, in order, on one federation."""

import os
import shutil
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.e2e.federation import Federation
from tests.e2e.guides import GUIDES, blocks, is_as_shown, page, play, script_of

needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")),
    reason="guides are for a shell with curl (Debian: apt-get install curl)",
)


@needs_curl
@pytest.mark.long
@pytest.mark.parametrize("name", GUIDES)
def test_every_command_of_a_guide_works(federation: Federation, tmp_path: Path, name: str) -> None:
    """All are run in the order of the page, and print what the page shows."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "var").symlink_to(federation.layout.data)
    environment = {
        "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "BRI_PORT_BASE": str(federation.layout.port_base),
        "BRI_SEARCH_EMBEDDER": "off",
    }
    found = blocks(page(name))
    outputs = play(found, tmp_path, environment, federation.layout.port_base)
    for number, printed in outputs.items():
        shown = found[number].printed
        if shown is not None:
            where = f"{name}, line {found[number].line}"
            assert is_as_shown(printed, shown), f"{where} shows:\n{shown}\nand is:\n{printed}"


@pytest.mark.parametrize("name", GUIDES)
def test_what_is_not_run_is_counted(name: str) -> None:
    """A block is left out for a reason that the page tells, and never unnoticed."""
    excuses = [block.excuse for block in blocks(page(name)) if block.excuse]
    assert len(excuses) == GUIDES[name], excuses


def test_a_block_that_fails_is_named(tmp_path: Path) -> None:
    """With the line of the page, what was typed, and what it printed."""
    guide = tmp_path / "guide.md"
    guide.write_text("```sh\necho first\n```\n\n```sh\necho second\nfalse\n```\n")
    with pytest.raises(AssertionError, match=r"(?s)line 5.*status 1.*second"):
        play(blocks(guide), tmp_path, os.environ, 9000)


def test_what_a_page_leaves_running_ends(tmp_path: Path) -> None:
    """Also where one of its commands never ends. Whoever waits for what the page prints would wait
    for all that still could."""
    guide = tmp_path / "guide.md"
    guide.write_text("```sh\nsleep 600 &\nsleep 600\n```\n")
    with patch("tests.e2e.guides.SECONDS", 0.5), pytest.raises(AssertionError, match="line 1"):
        play(blocks(guide), tmp_path, os.environ, 9000)


def test_an_output_is_compared() -> None:
    """But for identifiers, times, and what the page leaves out."""
    shown = "sco:01JD4XG2Q70000000000000000 at 2026-11-22T08:00:00Z\n…\nend of …\n"
    printed = "sco:01M80RMWVKPSQBSFA4K49G284B at 2027-01-02T03:04:05Z\na\nb\nend of it\n"
    assert is_as_shown(printed, shown)
    assert not is_as_shown(printed.replace("end", "middle"), shown)
    assert not is_as_shown(printed.replace(" at ", " on "), shown)


def test_an_excused_block_is_not_in_the_script(tmp_path: Path) -> None:
    """And the excuse has to be on the line before it."""
    guide = tmp_path / "guide.md"
    guide.write_text(
        "<!-- not run: needs root -->\n```sh\napt-get install x\n```\n\n```sh\necho y\n```\n"
    )
    found = blocks(guide)
    assert [each.excuse for each in found] == ["needs root", ""]
    assert "apt-get" not in script_of(found)
    assert "echo y" in script_of(found)
