"""Options that several commands share, and the defaults that the environment gives them."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bri_cli.layout import DEFAULT_PORT_BASE, LOOPBACK

Data = Annotated[
    Path,
    typer.Option(
        "--data", envvar="BRI_DATA", help="The folder that holds all data.", metavar="DIR"
    ),
]
PortBase = Annotated[
    int,
    typer.Option(
        "--port-base",
        envvar="BRI_PORT_BASE",
        metavar="N",
        help="The hub's port; the five after it are used too.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def default_hub() -> str:
    """The hub on this machine, at the port base of the environment."""
    base = os.environ.get("BRI_PORT_BASE", "")
    port = int(base) if base.isdigit() else DEFAULT_PORT_BASE
    return f"http://{LOOPBACK}:{port}"


Hub = Annotated[
    str,
    typer.Option(
        "--hub",
        envvar="BRI_HUB",
        metavar="URL",
        help="The hub's address; else the one on this machine.",
    ),
]
