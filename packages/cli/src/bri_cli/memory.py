"""Memory that processes really take: proportional set size (PSS), as Linux reports it.

PSS counts a page that several processes share once in all, so the sum over processes is true.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def pss_bytes(pid: int, proc: Path = PROC) -> int | None:
    """The PSS of a process in bytes; None where it is gone, or the system does not tell."""
    try:
        text = (proc / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return None


def measure(processes: Mapping[str, int], proc: Path = PROC) -> dict[str, int]:
    """The PSS in bytes of each process that can be measured, by its name, with its children, such
    as those in which search embeds. A child with a name of its own is counted there."""
    named = set(processes.values())
    measured: dict[str, int] = {}
    for name, pid in processes.items():
        if (size := pss_bytes(pid, proc)) is not None:
            children = (each for each in _children(pid, proc) if each not in named)
            measured[name] = size + sum(pss_bytes(each, proc) or 0 for each in children)
    return measured


def _children(pid: int, proc: Path) -> list[int]:
    """The processes that a process started and that are still there."""
    found: list[int] = []
    for each in (proc / str(pid) / "task").glob("*/children"):
        with suppress(OSError):  # the thread has ended meanwhile
            found += map(int, each.read_text().split())
    return found
