"""The services of a federation on one machine: what is run, with which settings, when it is ready.

Waves say in which order they end: search and the platforms first, which only ever ask others, then
the hub, then the broker, so that what is under way can still arrive.
"""

import subprocess
import sys
from dataclasses import dataclass

from bri_cli import meili, preflight
from bri_cli.child import Program
from bri_cli.layout import LOOPBACK, MEILISEARCH, PLATFORMS, Layout
from bri_cli.outcome import NOT_BEGUN, NotBegun
from bri_cli.probe import Probe


class BrokerUnconfigured(NotBegun):
    """The NATS server's configuration could not be written."""


MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1048576"}
"""Few arenas: glibc otherwise keeps one for each thread, tens of megabytes that nobody uses. And
what is large goes back to the system when it is freed: by itself glibc soon keeps up to 32 MB."""


_NO_BROKER = "NATS is not connected"


@dataclass(frozen=True, slots=True)
class Service:
    """A program, how to tell that it can serve, its wave, and whether the others need it: without
    search or a centre the rest is of use, without the broker and the hub it is not."""

    program: Program
    probe: Probe
    wave: int
    essential: bool = False


def broker(layout: Layout) -> Service:
    """The NATS server; its configuration is written, by a process of its own: what makes keys is
    heavy to import. Raises BrokerUnconfigured."""
    making = (sys.executable, "-m", "bri_cli.broker", str(layout.data), str(layout.port_base))
    made = subprocess.run(making, capture_output=True, text=True, check=False)  # noqa: S603
    if made.returncode:
        said = made.stderr.strip()[-2000:]
        if made.returncode == NOT_BEGUN:
            raise BrokerUnconfigured(said)
        raise BrokerUnconfigured(f"the broker's configuration failed: {said}")
    command = (str(preflight.find_nats_server()), "-c", made.stdout.strip())
    return Service(
        Program("nats", command), Probe(LOOPBACK, layout.port("nats")), 2, essential=True
    )


def services(layout: Layout) -> list[Service]:
    """Everything that is ours: the hub, search and the platforms."""
    engine = _engine(layout)
    ours = [_meilisearch(layout, engine)] if engine and engine.binary else []
    nodes = [_node(layout, code) for code in PLATFORMS]
    return [*ours, _hub(layout), _search(layout, engine), *nodes]


def _engine(layout: Layout) -> meili.Meilisearch | None:
    if layout.engine != MEILISEARCH:
        return None
    server = meili.find(layout)
    return meili.with_key(layout, server) if server.binary else server


def _meilisearch(layout: Layout, server: meili.Meilisearch) -> Service:
    return Service(meili.program(layout, server), Probe(LOOPBACK, layout.meili_port, "/health"), 1)


def _hub(layout: Layout) -> Service:
    environment = {
        "BRI_HUB_DATA": str(layout.folder("hub")),
        "BRI_HUB_HOST": layout.host,
        "BRI_HUB_PORT": str(layout.port("hub")),
        "BRI_HUB_PUBLIC_URL": layout.url("hub"),
        "BRI_HUB_NATS_URL": layout.nats_url,
        "BRI_HUB_NATS_CREDENTIALS": str(layout.hub_credentials),
        "BRI_HUB_CHANGES_HOST": LOOPBACK,
        "BRI_HUB_CHANGES_TOKEN": "",  # it is in the file, whatever the environment says
        "BRI_HUB_CHANGES_PORT": str(layout.port("change log")),
        "BRI_HUB_SEARCH_URL": f"{LOOPBACK}:{layout.port('search')}",
    }
    # Ready, and reached by the broker: what centres publish is to arrive from the first moment.
    probe = Probe(layout.reachable_host, layout.port("hub"), "/readyz", without=_NO_BROKER)
    return Service(_python("hub", "bri_hub", environment), probe, 1, essential=True)


def _search(layout: Layout, engine: meili.Meilisearch | None) -> Service:
    environment = {
        "BRI_SEARCH_DATA": str(layout.folder("search")),
        "BRI_SEARCH_HOST": LOOPBACK,
        "BRI_SEARCH_PORT": str(layout.port("search")),
        "BRI_SEARCH_HTTP_PORT": str(layout.port("search operations")),
        "BRI_SEARCH_HUB_URL": f"{LOOPBACK}:{layout.port('change log')}",
        "BRI_SEARCH_HUB_TOKEN": "",
        "BRI_SEARCH_HUB_TOKEN_FILE": str(layout.changes_token),
    }
    if engine:
        environment["BRI_SEARCH_ENGINE"] = MEILISEARCH
        environment["BRI_SEARCH_MEILI_URL"] = engine.url
        environment["BRI_SEARCH_MEILI_KEY"] = engine.key
    probe = Probe(LOOPBACK, layout.port("search"))
    return Service(_python("search", "bri_search", environment), probe, 0)


def _node(layout: Layout, code: str) -> Service:
    environment = {
        "BRI_NODE_DATA": str(layout.folder(code)),
        "BRI_NODE_HOST": layout.host,
        "BRI_NODE_PORT": str(layout.port(code)),
        "BRI_NODE_PUBLIC_URL": layout.url(code),
        "BRI_NODE_NATS_URL": layout.nats_url,
        "BRI_NODE_NATS_CREDENTIALS": str(layout.credentials(code)),
        "BRI_NODE_HUB_URL": layout.url("hub"),
    }
    return Service(_python(code, PLATFORMS[code], environment), _ready(layout, code), 0)


def _python(name: str, module: str, environment: dict[str, str]) -> Program:
    return Program(name, (sys.executable, "-m", module), MEMORY | environment)


def _ready(layout: Layout, service: str) -> Probe:
    return Probe(layout.reachable_host, layout.port(service), "/readyz")
