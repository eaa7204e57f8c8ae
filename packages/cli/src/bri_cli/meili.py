"""The Meilisearch that search runs on, where it is asked for.

Rules:
- MEILI_URL (with MEILI_KEY) names a server that is somebody's; else a `meilisearch` on the PATH is
  started as one of our processes, with its data, its port and a key of its own;
- the key that we make is on disk for its owner alone, and in no command line;
- what is missing or refuses is one line, before anything is started.
"""

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from bri_cli.child import Program
from bri_cli.layout import LOOPBACK, MEILISEARCH, Layout
from bri_cli.outcome import NotBegun

INDEXING_MEMORY = "512MiB"
"""A twentieth of it is cleared for every task; by default it is two thirds of the machine's."""

_SECONDS = 5.0


class MeilisearchMissing(NotBegun):
    """There is no Meilisearch to run on."""


class MeilisearchRefuses(NotBegun):
    """The Meilisearch that was named does not answer, or not with this key."""


@dataclass(frozen=True, slots=True)
class Meilisearch:
    """A server at `url` that takes `key`; `binary` is what to run where it is ours."""

    url: str
    key: str
    binary: Path | None = None


def find(layout: Layout, environment: Mapping[str, str] = os.environ) -> Meilisearch:
    """The server to use; ours has no key before `with_key`.

    Raises:
        MeilisearchMissing: no server is named, and none is installed.
    """
    if url := environment.get("MEILI_URL", "").strip():
        return Meilisearch(url, environment.get("MEILI_KEY", "").strip())
    binary = shutil.which(MEILISEARCH, path=environment.get("PATH"))
    if binary is None:
        raise MeilisearchMissing(
            "--engine meilisearch needs a server: set MEILI_URL and MEILI_KEY, or put a "
            "'meilisearch' on the PATH (github.com/meilisearch/meilisearch/releases)"
        )
    return Meilisearch(layout.meili_url, "", Path(binary))


def check(server: Meilisearch) -> None:
    """Ask a server that was named for its version, as only its key's owner may.

    Raises:
        MeilisearchRefuses: it does not answer, or not with this key.
    """
    place = urlsplit(server.url)
    if place.scheme not in ("http", "https") or not place.hostname:
        raise MeilisearchRefuses(f"MEILI_URL is {server.url!r}, which is no http address")
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    try:
        connection = kind(place.hostname, place.port, timeout=_SECONDS)
        headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
        connection.request("GET", f"{place.path.rstrip('/')}/version", headers=headers)
        status = connection.getresponse().status
        connection.close()
    except (OSError, HTTPException, ValueError) as error:
        reason = f"no Meilisearch answers at {server.url} ({error})"
        raise MeilisearchRefuses(reason) from None
    if status in (401, 403):
        raise MeilisearchRefuses(f"Meilisearch at {server.url} does not accept MEILI_KEY")
    if status != 200:
        raise MeilisearchRefuses(f"{server.url} answers {status}, which Meilisearch would not")


def with_key(layout: Layout, server: Meilisearch) -> Meilisearch:
    """Our own server with its key, which is made the first time."""
    path = layout.folder(MEILISEARCH) / "master-key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return Meilisearch(server.url, path.read_text().strip(), server.binary)


def program(layout: Layout, server: Meilisearch) -> Program:
    """What runs our own server."""
    folder = layout.folder(MEILISEARCH)
    command = (
        *(str(server.binary), "--no-analytics", "--env", "production"),
        *("--http-addr", f"{LOOPBACK}:{layout.meili_port}"),
        *("--db-path", str(folder / "data")),
        *("--dump-dir", str(folder / "dumps"), "--snapshot-dir", str(folder / "snapshots")),
        *("--max-indexing-memory", INDEXING_MEMORY),
    )
    return Program(MEILISEARCH, command, {"MEILI_MASTER_KEY": server.key, "NO_COLOR": "1"})
