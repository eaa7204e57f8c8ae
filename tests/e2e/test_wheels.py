"""The packages as they are given to others: as wheels."""

import subprocess
import sys
from pathlib import Path

import pytest

from bri_cli.layout import Layout
from tests.e2e.ports import free_port_base

ROOT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.timeout(400)
def test_wheels_install_with_one_command_and_run(tmp_path: Path) -> None:
    """`make dist` builds every package; in an empty environment, away from the source, one install
    of `bri-cli` brings the whole federation, and it comes up."""
    subprocess.run(["make", "dist"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    wheels: list[str | Path] = [
        "--find-links",
        ROOT / "dist",
        "--constraint",
        ROOT / "constraints.txt",
    ]
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *wheels, "bri-cli"],
        check=True,
        cwd=tmp_path,
    )
    layout = Layout(tmp_path / "data", free_port_base())
    command: list[str | Path] = [tmp_path / "venv/bin/bri", "up", "--data", layout.data]
    with subprocess.Popen(
        [*command, "--port-base", str(layout.port_base)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        ready = any(line.startswith("ready") for line in running.stdout)
        running.terminate()
    assert ready
    assert running.returncode == 0
