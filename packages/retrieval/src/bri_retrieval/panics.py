"""Panics of Rust libraries as ordinary errors.

Rules:
- pyo3 raises a panic as `PanicException`, a BaseException that `except Exception` does not catch:
  one text that a library stumbles over would end the thread, or the process, that handles it;
- what ends a task or the process on purpose is passed on as it is.
"""

from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = (CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit)


class LibraryPanicked(Exception):
    """A library panicked; the message is the library's."""


@contextmanager
def as_errors() -> Iterator[None]:
    """Inside the block a panic is a LibraryPanicked.

    Raises:
        LibraryPanicked: a library panicked.
    """
    try:
        yield
    except (Exception, *_ENDING):
        raise
    except BaseException as panic:
        raise LibraryPanicked(f"{type(panic).__name__}: {panic}") from panic
