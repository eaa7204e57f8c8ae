"""Two machines on one: network namespaces with a line between them, where they can be made."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
_HUB, _CENTRE = "10.213.7.1", "10.213.7.2"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where commands run, and the address that the other machine reaches it by."""

    prefix: tuple[str, ...]
    address: str

    def command(self, *words: str) -> list[str]:
        """A command line that runs there."""
        return [*self.prefix, *words]


class NoNamespaces(Exception):
    """They cannot be made here; the message says why."""


@contextmanager
def two_machines() -> Iterator[tuple[Machine, Machine]]:
    """The hub's machine and the centre's, gone afterwards. Raises NoNamespaces."""
    if shutil.which("ip") is None:
        raise NoNamespaces("there is no command 'ip' (iproute2)")
    mark = f"{os.getpid() % 100_000}"
    names = (f"bri-hub-{mark}", f"bri-cen-{mark}")
    try:
        try:
            _lay(names, mark)
        except subprocess.CalledProcessError as error:
            raise NoNamespaces(error.stderr.strip() or "they are not allowed here") from None
        yield _machine(names[0], _HUB), _machine(names[1], _CENTRE)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@contextmanager
def one_machine() -> Iterator[tuple[Machine, Machine]]:
    """Both on the loopback."""
    yield Machine((), LOOPBACK), Machine((), LOOPBACK)


def _machine(name: str, address: str) -> Machine:
    return Machine(("ip", "netns", "exec", name), address)


def _lay(names: Sequence[str], mark: str) -> None:
    """A line of two ends, one in each namespace."""
    ends = (f"bri-h{mark}", f"bri-c{mark}")
    for name in names:
        _ip("netns", "add", name)
        _ip("-n", name, "link", "set", "lo", "up")
    _ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
    for name, end, address in zip(names, ends, (_HUB, _CENTRE), strict=True):
        _ip("link", "set", end, "netns", name)
        _ip("-n", name, "address", "add", f"{address}/24", "dev", end)
        _ip("-n", name, "link", "set", end, "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
