"""The console that people read from; where none watches, lines are wide and plain."""

import sys

from rich.console import Console

UNWATCHED_WIDTH = 140


def screen() -> Console:
    """Standard output."""
    width = None if sys.stdout.isatty() else UNWATCHED_WIDTH
    return Console(highlight=False, width=width)
