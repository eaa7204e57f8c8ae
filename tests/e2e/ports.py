"""Six free ports in a row."""

import os
import random
import socket

from bri_cli.layout import PORT_USES

_CHOICE = random.Random(os.getpid())  # tests in other processes choose too


def free_port_base() -> int:
    """A base from which all ports are free. Below the range that the system gives to clients."""
    while True:
        base = _CHOICE.randrange(10_000, 30_000, 10)
        if all(map(_is_free, range(base, base + len(PORT_USES)))):
            return base


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
