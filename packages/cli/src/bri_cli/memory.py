"""Memory that processes really take: proportional set size (PSS), as Linux reports it.

PSS counts a page that several processes share once in all, so the sum over processes is true.
"""

from collections.abc import Mapping
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
    """The PSS in bytes of each process that can be measured, by its name."""
    measured = {name: pss_bytes(pid, proc) for name, pid in processes.items()}
    return {name: size for name, size in measured.items() if size is not None}
