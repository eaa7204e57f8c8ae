"""Why a process does not begin: one line for the person who started it, and exit status 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bri_kit import storage


class DatabaseUnusable(Exception):
    """A database cannot be used; the message is the line."""


def refuse(reason: Exception) -> None:
    """End this process, which has begun nothing."""
    print(f"not started: {reason}", file=sys.stderr)  # noqa: T201 - before there are logs
    sys.exit(2)


@contextmanager
def refusing(*facts: type[Exception], remedy: str = "") -> Iterator[None]:
    """End this process where the block raises one of `facts`, or where disk or database are why it
    cannot be done; `remedy` says what to do about a database that is damaged."""
    expected: tuple[type[Exception], ...] = (DatabaseUnusable, *facts)
    try:
        yield
    except expected as reason:
        refuse(reason)
    except Exception as error:
        fact = storage.explain(error)
        if fact is None:
            raise
        said = f"{fact.detail} ({storage.reason(error)})"
        refuse(DatabaseUnusable(f"{said}; {remedy}" if remedy else said))
