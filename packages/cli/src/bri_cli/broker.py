"""The NATS server of `bri up`: the same rules as between machines, reached from this one alone.

Who is let in is decided by the hub's keys, which are in the hub's folder; the platforms of this
machine are given their credentials here. What they may do is as everywhere (`bri_kit.roles`).

Run as `python -m bri_cli.broker DATA PORT_BASE`; it prints the configuration file's path.
"""

import shutil
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

from bri_cli.layout import HUB, LOOPBACK, PLATFORMS, Layout
from bri_cli.outcome import NOT_BEGUN
from bri_kit.authority import OPERATOR_FILE, Authority, is_in, lost
from bri_kit.broker_configuration import Plan, configuration
from bri_kit.file_modes import restrict
from bri_kit.signing import KeyFileUnreadable

DATABASE = "hub.db"


def write_configuration(layout: Layout) -> str:
    """Write the configuration, and all credentials that are missing; answers the file's path."""
    _check_keys(layout)
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


def _check_keys(layout: Layout) -> None:
    """Raises KeysLost where the hub gave credentials and all its keys are gone. The database is not
    opened as the hub's: the hub brings it to its newest revision, and says what is wrong with it.
    """
    folder = layout.folder(HUB)
    if is_in(folder) or not (folder / DATABASE).is_file():
        return
    address = f"{(folder / DATABASE).as_uri()}?mode=ro"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as connection:
        if connection.execute("SELECT 1 FROM admission LIMIT 1").fetchone():
            raise lost(folder, OPERATOR_FILE)


def main() -> None:
    """Read the command line of this process."""
    data, port_base = sys.argv[1:]
    restrict()
    try:
        print(write_configuration(Layout(Path(data), int(port_base))))
    except (KeyFileUnreadable, OSError) as reason:
        print(reason, file=sys.stderr)
        sys.exit(NOT_BEGUN)


if __name__ == "__main__":
    main()
