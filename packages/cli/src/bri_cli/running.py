"""What `bri up` leaves on disk while it runs, for `bri status` and `bri doctor` to read.

The file is believed only while the data folder's lock is held: a killed supervisor leaves the file
behind, but not the lock.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from bri_cli import preflight
from bri_cli.layout import Layout


@dataclass(frozen=True, slots=True)
class Running:
    """A federation that runs: where it listens, and the ids of its processes by name."""

    host: str
    port_base: int
    processes: Mapping[str, int] = field(default_factory=dict)


def write(layout: Layout, processes: Mapping[str, int]) -> None:
    """Tell others what runs; readers never see half of it."""
    running = Running(layout.host, layout.port_base, {"bri up": os.getpid(), **processes})
    temporary = layout.running_file.with_suffix(".new")
    temporary.write_text(json.dumps(asdict(running)))
    temporary.replace(layout.running_file)


def remove(layout: Layout) -> None:
    """Tell others that nothing runs any more."""
    with suppress(OSError):
        layout.running_file.unlink()


def read(layout: Layout) -> Running | None:
    """What runs on the data folder, None where nothing does."""
    if not preflight.is_held(layout.lock_file):
        return None
    try:
        return Running(**json.loads(layout.running_file.read_text()))
    except (OSError, ValueError, TypeError):
        return None
