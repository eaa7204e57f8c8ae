"""What a person is told once everything is up: where things are, and what to do next."""

import os
from pathlib import Path

from bri_cli.layout import DEFAULT_PORT_BASE, LOOPBACK, MEILISEARCH, PLATFORMS, Layout


def summary(layout: Layout) -> list[str]:
    """The lines to print."""
    rows = [("hub", layout.url("hub"), f"docs {layout.url('hub')}/docs")]
    rows += [(code, layout.url(code), f"docs {layout.url(code)}/docs") for code in PLATFORMS]
    operations = f"metrics http://{LOOPBACK}:{layout.port('search operations')}/metrics"
    rows.append(("search", f"{LOOPBACK}:{layout.port('search')}", f"gRPC, {operations}"))
    if layout.engine == MEILISEARCH:
        rows.append(("engine", os.environ.get("MEILI_URL") or layout.meili_url, MEILISEARCH))
    rows.append(("nats", layout.nats_url, ""))
    rows.append(("data", short(layout.data), f"logs {short(layout.data / 'logs')}"))
    lines = [f"  {name:<7} {place:<28} {more}".rstrip() for name, place, more in rows]
    token = f'bri token create{data_option(layout)} --centre sco --role editor --name "Li Wei"'
    hub = "" if layout.port_base == DEFAULT_PORT_BASE else f" --hub {layout.url('hub')}"
    return ["", *lines, "", f"  a token: {token}", f"  a search: bri search 固体废物{hub}", ""]


def data_option(layout: Layout) -> str:
    """The option that names the data folder, where it is not the usual one."""
    folder = short(layout.data)
    return "" if folder == "var" else f" --data {folder}"


def short(path: Path) -> str:
    """A path as seen from the working folder, where it is inside."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
