"""`bri up`: the whole federation on this machine, in the foreground."""

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bri_cli import options
from bri_cli.layout import DEFAULT_PORT_BASE, LOOPBACK, Layout


class EngineKind(StrEnum):
    """Search engines that the federation can run on."""

    EMBEDDED = "embedded"
    MEILISEARCH = "meilisearch"


def up(
    data: options.Data = Path("var"),
    port_base: options.PortBase = DEFAULT_PORT_BASE,
    samples: Annotated[
        bool, typer.Option("--samples/--no-samples", help="Load sample records once.")
    ] = True,
    engine: Annotated[EngineKind, typer.Option(help="The search engine.")] = EngineKind.EMBEDDED,
    host: Annotated[str, typer.Option(help="Where HTTP services listen.")] = LOOPBACK,
) -> int:
    """Start everything on this machine and keep it running.

    Starts the NATS server, the hub, search and both platforms, loads sample records on the first
    start, and prints a line that begins with 'ready'. Ctrl-C stops everything.

    \b
    Ports from N: hub N, sco N+1, asean N+2, search N+3, NATS N+4, change log N+5,
    metrics of search N+6, and Meilisearch N+7: that is started here with --engine meilisearch,
    if MEILI_URL (and MEILI_KEY) do not name a server elsewhere.

    \b
    Examples:
      bri up
      bri up --data /srv/bri --port-base 9000 --no-samples
      bri up --engine meilisearch

    Exit status: 0 after a signal, 1 where a service fell before all was ready, 2 where nothing
    was started.
    """
    from bri_cli import federation

    return federation.run(Layout(data.absolute(), port_base, host, engine), samples, say)


def say(line: str) -> None:
    """Print a line at once. Nobody reading any more is no reason to stop serving."""
    with suppress(OSError, ValueError):
        print(line, flush=True)
