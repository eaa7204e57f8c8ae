"""What `bri doctor` looks at. A finding has a level and, unless all is well, a hint what to do.

`fail` means that the federation cannot run, or does not; `warn` that it may soon not.
"""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path

import httpx

from bri_cli import meili, preflight, running
from bri_cli.layout import MEILISEARCH, PLATFORMS, PORT_USES, Layout
from bri_cli.outcome import CommandFailed
from bri_cli.remote import Refused, Remote
from bri_client import hub, node

OLDEST_PYTHON = (3, 11)
NATS_VERSION = "2.15"
LOW_DISK_BYTES = 10 * 1024**3
NO_DISK_BYTES = 512 * 1024**2
MAX_SKEW_SECONDS = 30


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    level: Level
    detail: str
    hint: str = ""


def examine(layout: Layout) -> Iterator[Finding]:
    """Look at everything, on this machine and where a federation runs here at its services."""
    yield check_python(sys.version_info[:2])
    yield _check_nats_server()
    yield _check_data(layout)
    yield check_disk(layout)
    found = running.read(layout)
    yield from check_meilisearch(layout, found)
    if found is None:
        yield Finding("running", Level.WARN, "nothing runs on this data", "start it with 'bri up'")
        yield from (_check_port(layout, use) for use in PORT_USES)
        return
    yield Finding("running", Level.OK, f"{len(found.processes)} processes")
    here = Layout(layout.data, found.port_base, found.host)
    yield from (_check_service(here, name) for name in ("hub", *PLATFORMS))
    yield _check_search(here)
    yield check_clock(here.url("hub"))


def check_python(version: tuple[int, ...]) -> Finding:
    if version < OLDEST_PYTHON:
        return Finding("python", Level.FAIL, platform.python_version(), "3.11 or newer is needed")
    return Finding("python", Level.OK, platform.python_version())


def _check_nats_server() -> Finding:
    try:
        binary = preflight.find_nats_server()
        said = subprocess.run(  # noqa: S603
            [binary, "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout.strip()
    except CommandFailed as failed:
        return Finding("nats-server", Level.FAIL, str(failed), "run 'make install' again")
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("nats-server", Level.FAIL, str(error), "run 'make install' again")
    if f"v{NATS_VERSION}." in said:
        return Finding("nats-server", Level.OK, f"{said} ({binary})")
    hint = f"this was tried with {NATS_VERSION}; an old pip may have installed an older one"
    return Finding("nats-server", Level.WARN, f"{said} ({binary})", hint)


def _check_data(layout: Layout) -> Finding:
    try:
        preflight.check_version(layout)
    except CommandFailed as failed:
        return Finding("data", Level.FAIL, str(failed), "choose another folder with --data")
    if not layout.version_file.exists():
        return Finding("data", Level.WARN, f"{layout.data} is new", "'bri up' makes it")
    return Finding("data", Level.OK, f"{layout.data}")


def check_disk(layout: Layout) -> Finding:
    """Free space where the data is, or will be."""
    there: Path = next(path for path in (layout.data, *layout.data.parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / 1024**3:.1f} GiB free"
    if free < NO_DISK_BYTES:
        return Finding("disk", Level.FAIL, detail, "make room: soon nothing can be published")
    if free < LOW_DISK_BYTES:
        return Finding("disk", Level.WARN, detail, "the broker alone may keep 8 GiB")
    return Finding("disk", Level.OK, detail)


def check_meilisearch(
    layout: Layout, found: running.Running | None, environment: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """The server that is named, or ours where it runs: its version, and whether our key will do."""
    # Loaded here: nobody else waits for what comes with it.
    from bri_retrieval.engine import EngineUnavailable
    from bri_retrieval.meili.server import Server

    if environment.get("MEILI_URL", "").strip():
        used, hint = meili.find(layout, environment), "see MEILI_URL and MEILI_KEY"
    elif found and MEILISEARCH in found.processes:
        here = Layout(layout.data, found.port_base, found.host)
        used = meili.with_key(layout, meili.Meilisearch(here.meili_url, ""))
        hint = f"see {layout.log(MEILISEARCH)}"
    else:
        return
    server = Server(used.url, used.key)
    try:
        yield Finding(MEILISEARCH, Level.OK, f"{server.check()} at {used.url}")
    except EngineUnavailable as reason:
        yield Finding(MEILISEARCH, Level.FAIL, f"{used.url}: {reason}", hint)
    finally:
        server.close()


def _check_port(layout: Layout, use: str) -> Finding:
    try:
        preflight.check_port(layout, use)
    except CommandFailed as failed:
        return Finding(f"port {layout.port(use)}", Level.FAIL, str(failed), "use --port-base")
    return Finding(f"port {layout.port(use)}", Level.OK, f"free for {use}")


def _check_service(layout: Layout, name: str) -> Finding:
    try:
        with Remote(layout.url(name)) as service:
            remarks = service.ask(node.ready()).get("remarks")
    except CommandFailed as failed:
        return Finding(name, Level.FAIL, str(failed), f"see {layout.log(name)}")
    if remarks:
        detail, hint = f"ready, but {'; '.join(remarks)}", f"see {layout.log(name)}"
        return Finding(name, Level.WARN, detail, hint)
    return Finding(name, Level.OK, f"ready at {layout.url(name)}")


def _check_search(layout: Layout) -> Finding:
    try:
        with Remote(layout.url("hub")) as remote:
            search = remote.ask(hub.status()).get("search") or {}
    except Refused as refused:
        return Finding("search", Level.FAIL, str(refused), f"see {layout.log('hub')}")
    except CommandFailed as failed:
        return Finding("search", Level.FAIL, str(failed), f"see {layout.log('search')}")
    if search.get("lag") is None:
        return Finding("search", Level.FAIL, "does not answer", f"see {layout.log('search')}")
    detail = f"{search.get('engine', 'embedded')} engine, {search['lag']} changes behind"
    if search["lag"] > 1000:
        return Finding("search", Level.WARN, detail, "it is catching up; if not, see its log")
    return Finding("search", Level.OK, detail)


def check_clock(hub: str, transport: httpx.BaseTransport | None = None) -> Finding:
    """This machine's clock against the hub's Date header, which is exact to a second."""
    try:
        with httpx.Client(transport=transport, timeout=5) as client:
            said = parsedate_to_datetime(client.get(f"{hub}/healthz").headers["date"])
    except (httpx.HTTPError, KeyError, ValueError) as error:
        return Finding("clock", Level.WARN, f"the hub did not tell the time: {error}", "see above")
    return compare_clock(said, "entries carry the time they were written")


def compare_clock(said: datetime, matters: str) -> Finding:
    """This machine's clock against what the hub's says; `matters` is what a wrong one spoils."""
    skew = abs(time.time() - said.timestamp())
    if skew > MAX_SKEW_SECONDS:
        hint = f"set the clock, for example by NTP: {matters}"
        return Finding("clock", Level.WARN, f"{skew:.0f} s from the hub's", hint)
    return Finding("clock", Level.OK, f"within {max(1, round(skew))} s of the hub's")
