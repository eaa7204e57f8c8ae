"""Why a process does not begin: one line for the person who started it, and exit status 2."""

import sys


class DatabaseUnusable(Exception):
    """A database cannot be used; the message is the line."""


def refuse(reason: DatabaseUnusable) -> None:
    """End this process, which has begun nothing."""
    print(f"not started: {reason}", file=sys.stderr)  # noqa: T201 - before there are logs
    sys.exit(2)
