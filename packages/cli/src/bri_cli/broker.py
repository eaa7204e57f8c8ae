"""The NATS server of `bri up`: the same rules as between machines, reached from this one alone.

Who is let in is decided by the hub's keys, which are in the hub's folder; the platforms of this
machine are given their credentials here. What they may do is as everywhere (`bri_kit.roles`).

Run as `python -m bri_cli.broker DATA PORT_BASE`; it prints the configuration file's path.
"""

import shutil
import sys
from pathlib import Path

from bri_cli.layout import HUB, LOOPBACK, PLATFORMS, Layout
from bri_kit.authority import Authority
from bri_kit.broker_configuration import Plan, configuration


def write_configuration(layout: Layout) -> str:
    """Write the configuration, and all credentials that are missing; answers the file's path."""
    authority = Authority(layout.folder(HUB))
    for code in PLATFORMS:
        authority.provide(code, layout.credentials(code))
    folder = layout.folder("nats")
    folder.mkdir(parents=True, exist_ok=True)
    # Of before there were accounts; nobody can read it any more, and all of it is in the logs.
    shutil.rmtree(folder / "store" / "jetstream" / "$G", ignore_errors=True)
    path = folder / "nats.conf"
    plan = Plan(str(folder), f"{LOOPBACK}:{layout.port('nats')}")
    path.write_text(configuration(plan, authority))
    return str(path)


def main() -> None:
    """Read the command line of this process."""
    data, port_base = sys.argv[1:]
    print(write_configuration(Layout(Path(data), int(port_base))))


if __name__ == "__main__":
    main()
