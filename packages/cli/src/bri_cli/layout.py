"""Where a federation on one machine has its ports and its files.

Rules: seven ports follow each other from the base; everything on disk is under one data folder, a
folder a service; only this module knows the names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REVISIONS: Mapping[str, str] = {"1": "0001", "2": ""}
"""The versions that a data folder can have, all of which can be opened and become the last, and the
revision of the databases of each; empty is the newest that there is."""
DATA_VERSION = "2"
HUB = "hub"
DEFAULT_PORT_BASE = 8000
HIGHEST_PORT_BASE = 65_528
LOOPBACK = "127.0.0.1"
PLATFORMS: Mapping[str, str] = {"sco": "sco_platform", "asean": "asean_platform"}
"""The centres that run on this machine, and the package of each."""

MEILISEARCH = "meilisearch"
_MEILISEARCH_OFFSET = 7

PORT_USES = ("hub", "sco", "asean", "search", "nats", "change log", "search operations")


@dataclass(frozen=True, slots=True)
class Layout:
    """One federation. `host` is where HTTP services listen; all else stays on the loopback.
    `engine` is the search engine."""

    data: Path
    port_base: int = DEFAULT_PORT_BASE
    host: str = LOOPBACK
    engine: str = "embedded"

    def port(self, use: str) -> int:
        """The port of a service, of the hub's `change log`, or of the search's `operations`."""
        return self.port_base + PORT_USES.index(use)

    def url(self, service: str) -> str:
        """The address that this machine reaches an HTTP service by."""
        return f"http://{self.reachable_host}:{self.port(service)}"

    @property
    def meili_port(self) -> int:
        """The port of Meilisearch, where we run it."""
        return self.port_base + _MEILISEARCH_OFFSET

    @property
    def meili_url(self) -> str:
        """The address of Meilisearch, where we run it."""
        return f"http://{LOOPBACK}:{self.meili_port}"

    @property
    def reachable_host(self) -> str:
        """A host to connect to; an address that means 'all interfaces' is none."""
        return LOOPBACK if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104

    @property
    def nats_url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port('nats')}"

    def folder(self, service: str) -> Path:
        """Where a service keeps its data."""
        return self.data / service

    @property
    def hub_credentials(self) -> Path:
        """By which the broker lets the hub in."""
        return self.folder(HUB) / "nats-hub.creds"

    @property
    def changes_token(self) -> Path:
        """By which search reads the hub's change log; the hub makes it."""
        return self.folder(HUB) / "changes.token"

    def credentials(self, code: str) -> Path:
        """By which the broker lets a centre in."""
        return self.folder(code) / "nats.creds"

    def log(self, service: str) -> Path:
        """Where a service's output goes."""
        return self.data / "logs" / f"{service}.log"

    @property
    def own_names(self) -> tuple[str, ...]:
        """What is directly in the data folder."""
        marks = (self.version_file, self.lock_file, self.running_file, self.samples_mark)
        services = (HUB, "search", "nats", MEILISEARCH, "logs", *PLATFORMS)
        return (*(path.name for path in marks), *services)

    @property
    def version_file(self) -> Path:
        return self.data / "VERSION"

    @property
    def lock_file(self) -> Path:
        return self.data / "lock"

    @property
    def running_file(self) -> Path:
        """Names the processes while `bri up` runs."""
        return self.data / "running.json"

    @property
    def samples_mark(self) -> Path:
        """Exists once the samples were loaded."""
        return self.data / "samples-loaded"
