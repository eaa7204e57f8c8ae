"""Whether the installed distributions are those of `constraints.txt`, no more and no others."""

import re
from collections.abc import Iterable, Mapping

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")
INSTALLERS = frozenset({"pip", "setuptools", "uv", "wheel"})
"""What installs is not what is installed: it is taken as the machine has it."""


def normalised(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(text: str) -> dict[str, set[str]]:
    """The versions that a constraints file names; one that depends on the platform has several.

    Raises:
        ValueError: a line pins nothing.
    """
    pins: dict[str, set[str]] = {}
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if not line:
            continue
        match = _PIN.match(line)
        if match is None:
            raise ValueError(f"{line!r} pins no version")
        pins.setdefault(normalised(match[1]), set()).add(match[2])
    return pins


def differences(
    pins: Mapping[str, set[str]], installed: Mapping[str, str], ours: Iterable[str]
) -> list[str]:
    """Each distribution that is installed in another version than is pinned, or is not pinned;
    `ours` are the workspace's own."""
    expected = INSTALLERS | {normalised(name) for name in ours}
    found = []
    for name, version in sorted(installed.items()):
        name = normalised(name)
        if name in expected:
            continue
        if name not in pins:
            found.append(f"{name} {version} is in no constraint ('make clean' begins anew)")
        elif version not in pins[name]:
            found.append(f"{name} is {version}, not {' or '.join(sorted(pins[name]))}")
    return found
