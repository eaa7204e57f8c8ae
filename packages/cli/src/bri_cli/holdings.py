"""What a data folder holds that cannot be made anew: databases, keys, and a few marks.

Rules:
- a folder is that of `bri up`, with one folder a service, or that of one service;
- search indexes and the broker's store follow from databases, so they are left out;
- the hub comes first: nodes that know more than it send what it lacks, as they always do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bri_cli.layout import HUB, Layout
from bri_cli.outcome import NotBegun
from bri_hub import tables as hub
from bri_hub.migrations import SCHEMA as HUB_SCHEMA
from bri_kit import database
from bri_kit.backup_database import SQLITE, kind
from bri_kit.migrations import Schema
from bri_kit.settings import told
from bri_node import store as node
from bri_node.migrations import SCHEMA as NODE_SCHEMA

_SUFFIXES = {".db", ".db-wal", ".db-shm", ".db-journal"}
_MAX_FILE = 16 * 1024 * 1024
_MARKS = ("VERSION", "samples-loaded", "node.toml")


@dataclass(frozen=True, slots=True)
class Holding:
    """One service's data: `name` is its folder within the whole, empty where it is the whole."""

    name: str
    folder: Path
    schema: Schema
    address: str

    @property
    def database_name(self) -> str:
        """What its database is called in a backup, or on disk."""
        suffix = "db" if kind(self.address) == SQLITE else "dump"
        return f"{self.schema.name}.{suffix}"

    @property
    def files(self) -> list[Path]:
        """The files beside the database: keys, credentials, settings."""
        return [path for path in sorted(self.folder.iterdir()) if _is_kept(path)]


def holding(name: str, folder: Path, schema_name: str) -> Holding:
    """The data of `hub` or a `node` in this folder, and where its database is."""
    if schema_name == HUB_SCHEMA.name:
        return Holding(name, folder, HUB_SCHEMA, _address(hub.URL_VARIABLE, folder / hub.FILE))
    return Holding(name, folder, NODE_SCHEMA, _address(node.URL_VARIABLE, folder / node.FILE))


def _address(variable: str, file: Path) -> str:
    """As the service finds it, but no folder is made."""
    setting = told(variable)
    return database.address(setting, file, file.parent.name) if setting else f"sqlite:///{file}"


def holdings(data: Path) -> Sequence[Holding]:
    """Everything in a data folder, the hub first.

    Raises:
        NotBegun: nothing is in it, or it is of another version.
    """
    from bri_cli.preflight import check_version

    if not data.is_dir():
        raise NotBegun(f"{data} is not a data folder (give --data)")
    check_version(Layout(data))
    found = list(_found(data))
    if not found:
        raise NotBegun(f"{data} holds no data of a node or the hub")
    return sorted(found, key=lambda each: (each.schema is not HUB_SCHEMA, each.name))


def marks(data: Path) -> list[Path]:
    """Small files of the whole folder."""
    return [data / name for name in _MARKS if (data / name).is_file()]


def _found(data: Path) -> Iterator[Holding]:
    if kind_of := _schema_of(data):
        yield holding("", data, kind_of)
        return
    for folder in sorted(data.iterdir()):
        if folder.is_dir() and (kind_of := _schema_of(folder)):
            yield holding(folder.name, folder, kind_of)


def _schema_of(folder: Path) -> str:
    """Whose folder it is: `hub`, `node`, or nobody's. At PostgreSQL a node's has a key."""
    if (folder / hub.FILE).is_file():
        return HUB_SCHEMA.name
    if (folder / node.FILE).is_file():
        return NODE_SCHEMA.name
    if told(node.URL_VARIABLE) and (folder / "key").is_file():
        return NODE_SCHEMA.name
    return HUB_SCHEMA.name if told(hub.URL_VARIABLE) and folder.name == HUB else ""


def _is_kept(path: Path) -> bool:
    if not path.is_file() or path.is_symlink() or path.name.startswith("."):
        return False
    whole = path.name not in (*_MARKS, "lock", "running.json")
    return whole and path.suffix not in _SUFFIXES and path.stat().st_size <= _MAX_FILE
