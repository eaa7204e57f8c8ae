"""Whose processor time it is: seconds that groups of processes have used, as Linux counts them."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)
"""Fields of /proc/PID/stat behind the name: the parent; and the time of the process itself, and of
its children that ended (proc(5))."""


def used(groups: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Seconds that each group has used until now: its processes with all that they started."""
    found = {int(path.name): _fields(path) for path in Path("/proc").glob("[0-9]*")}
    return {name: sum(_used(each, found) for each in pids) for name, pids in groups.items()}


def started(program: str) -> list[int]:
    """The processes that this one started and that run a program of this name."""
    own = str(os.getpid())
    return [
        int(path.name)
        for path in Path("/proc").glob("[0-9]*")
        if (fields := _fields(path)) and fields[_PARENT] == own and _name(path) == program
    ]


def _used(pid: int, found: Mapping[int, list[str]]) -> float:
    fields = found.get(pid)
    if not fields:
        return 0.0
    children = (each for each, its in found.items() if its and its[_PARENT] == str(pid))
    return sum(map(int, fields[_TIMES])) / _TICKS + sum(_used(each, found) for each in children)


def _fields(path: Path) -> list[str]:
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []  # it ended meanwhile


def _name(path: Path) -> str:
    return (path / "comm").read_text().strip()
