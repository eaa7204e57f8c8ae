"""`bri doctor`: what is wrong with this machine or this federation, and what to do about it."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from bri_cli import options
from bri_cli.layout import DEFAULT_PORT_BASE, Layout
from bri_cli.outcome import DONE, NEGATIVE
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from bri_cli.checkup import Finding

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor(
    data: options.Data = Path("var"),
    port_base: options.PortBase = DEFAULT_PORT_BASE,
    as_json: options.AsJson = False,
) -> int:
    """Look for what is wrong, and say what to do about it.

    Databases in files are read from end to end, which takes a minute for some gigabytes.

    \b
    Examples:
      bri doctor
      bri doctor --data /srv/bri --json

    Exit status: 1 where anything failed.
    """
    from bri_cli.checkup import examine
    from bri_cli.datacheck import examine_data

    layout = Layout(data.absolute(), port_base)
    return report(chain(examine(layout), examine_data(layout)), as_json)


def report(found: "Iterable[Finding]", as_json: bool) -> int:
    """Print findings as they come; answers the exit status."""
    from bri_cli.checkup import Level

    findings = []
    for finding in found:
        findings.append(finding)
        if not as_json:
            _print(finding)
    if as_json:
        print_json([asdict(each) for each in findings])
    return NEGATIVE if any(each.level is Level.FAIL for each in findings) else DONE


def _print(finding: "Finding") -> None:
    from rich.console import Console
    from rich.text import Text

    line = Text.assemble((f"{finding.level:<5}", _STYLES[finding.level]), f"{finding.name:<12} ")
    line.append(finding.detail)
    if finding.hint:
        line.append(f" — {finding.hint}", style="dim")
    Console(highlight=False).print(line, soft_wrap=True)
