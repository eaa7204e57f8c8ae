"""Standard output: the console that people read from, and JSON for programs."""

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

UNWATCHED_WIDTH = 140


def screen() -> "Console":
    """What people read; where none watches, lines are wide and plain."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else UNWATCHED_WIDTH
    return Console(highlight=False, width=width)


def print_json(document: Any) -> None:
    """Print a document whole, as `--json` promises it."""
    print(json.dumps(document, ensure_ascii=False, indent=2))
