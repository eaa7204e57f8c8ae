"""What `bri doctor` looks at on disk: whether each database is whole, and whose eyes can read it.

Rules:
- a SQLite database is read from end to end (`PRAGMA integrity_check`), beside whoever uses it;
- PostgreSQL's are its own to check (`amcheck`, data checksums), so nothing is said of them;
- what is damaged is told with what to do: it is not the same at the hub and at a node.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bri_cli.checkup import Finding, Level
from bri_cli.layout import Layout

_SECRETS = ("key", "key.*", "*.key", "*.creds", "*.db", "*.db-wal")


def examine_data(layout: Layout) -> Iterator[Finding]:
    """Look at the databases and the modes of secrets in a data folder."""
    from bri_hub.migrations import SCHEMA as HUB_SCHEMA  # heavy, and needed by one command
    from bri_hub.tables import FILE as HUB_FILE
    from bri_node.migrations import SCHEMA as NODE_SCHEMA
    from bri_node.store import FILE as NODE_FILE

    for name, schema in ((HUB_FILE, HUB_SCHEMA), (NODE_FILE, NODE_SCHEMA)):
        for file in sorted((*layout.data.glob(name), *layout.data.glob(f"*/{name}"))):
            yield check_database(file, schema.remedy)
    yield from _check_modes(layout)


def check_database(file: Path, remedy: str) -> Finding:
    """Whether a SQLite database is whole."""
    name = f"{file.parent.name}/{file.name}"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            [answer] = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    if answer == "ok":
        return Finding(name, Level.OK, "whole")
    return Finding(name, Level.FAIL, f"{file} is damaged: {' '.join(answer.split())}", remedy)


def _check_modes(layout: Layout) -> Iterator[Finding]:
    found = {path for name in _SECRETS for path in layout.data.glob(f"*/{name}")}
    found |= {path for name in _SECRETS for path in layout.data.glob(name)}
    mine = [path for path in sorted(found) if path.stat().st_uid == os.geteuid()]
    shared = [path for path in mine if path.stat().st_mode & 0o077]
    if shared:
        hint = f"chmod 600 {' '.join(map(str, shared))}; services do it when they start"
        yield Finding("modes", Level.WARN, f"others can read {len(shared)} files", hint)
