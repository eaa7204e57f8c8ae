"""Processor time for each document that is read, so that one that is made to be slow costs seconds.

Rules:
- the clock is that of the process's processor time: waiting for a server costs nothing;
- a document that takes too long raises DocumentExhausted wherever it is being worked on; Python
  looks for signals between two instructions, and its regular expressions while they match;
- code in C that never looks is ended with the process, GRACE_SECONDS later, by the system;
- only the process that reads is measured (`start`); elsewhere nothing is.
"""

import resource
import signal
import time
from types import FrameType

from bri_harvesting.source import SourceFailed

GRACE_SECONDS = 4


class DocumentExhausted(SourceFailed):
    """A document needs more processor time than one may take."""

    def __init__(self, seconds: float) -> None:
        detail = f"one document needs more than {seconds:.1f} s of processor time"
        super().__init__("exhausted", detail)


_is_measured = False


def start() -> None:
    """Measure from now on, in this process."""
    global _is_measured
    _is_measured = True


def allow(seconds: float) -> None:
    """Give the document that has just arrived this much processor time."""
    if not _is_measured:
        return

    def raise_exhausted(number: int, frame: FrameType | None) -> None:
        raise DocumentExhausted(seconds)

    signal.signal(signal.SIGPROF, raise_exhausted)
    # Again each second: a library may take the exception for one of its own.
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(time.process_time() + seconds) + GRACE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))


def stop() -> None:
    """Take the limit of the last document away: what follows is ours."""
    if _is_measured:
        signal.setitimer(signal.ITIMER_PROF, 0)
