"""`python -m tests.audit`: part of `make check`.

Without a network it says that nothing was audited, and is content: the same commit must pass on a
train. Exit status 1 where a version differs, or a vulnerability is known and not accepted.
"""

import json
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from tests.audit.findings import Verdict, judge, read_acceptances
from tests.audit.versions import differences, read_pins

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
ACCEPTED = Path(__file__).with_name("accepted.toml")
SERVICES = ("osv", "pypi")
SECONDS = 120


def main() -> int:
    """Print what was found; the exit status."""
    faults = check_versions()
    verdict = audit()
    if not verdict.reached:
        print("audit: NOT DONE, neither OSV nor PyPI tells of vulnerabilities from here")
    for note in verdict.notes:
        print(f"audit: {note}")
    faults += verdict.faults
    for fault in faults:
        print(f"audit: {fault}", file=sys.stderr)
    if not faults and verdict.reached:
        print("audit: nothing is known against what is installed")
    return 1 if faults else 0


def check_versions() -> list[str]:
    """How what is installed differs from the constraints."""
    installed = {each.name: each.version for each in distributions()}
    manifests = [ROOT / "pyproject.toml", *ROOT.glob("*/*/pyproject.toml")]
    manifests.append(ROOT / "proto" / "pyproject.toml")
    ours = [tomllib.loads(path.read_text())["project"]["name"] for path in manifests]
    return differences(read_pins(CONSTRAINTS.read_text()), installed, ours)


def audit() -> Verdict:
    """What the first service that can be reached knows."""
    acceptances = read_acceptances(ACCEPTED.read_text())
    today = datetime.now(UTC).date()
    for service in SERVICES:
        report = _ask(service)
        if report is not None:
            verdict = judge(report, acceptances, today)
            if verdict.reached:
                return verdict
    return Verdict(reached=False)


def _ask(service: str) -> Any:
    """pip-audit's report, or None where the service does not answer."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(CONSTRAINTS)]
    command += ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "10"]
    command += ["--vulnerability-service", service, "--format", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None


if __name__ == "__main__":
    sys.exit(main())
