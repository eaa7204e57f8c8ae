"""Units for systemd: as systemd reads them, hardened, and with settings that services know."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bri_hub.settings import HubSettings
from bri_kit.settings import ServiceSettings
from bri_node.profile import NodeSettings
from bri_search.settings import SearchSettings
from tests.contract.deployment.documents import DEPLOY

UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
SETTINGS: dict[str, type[ServiceSettings]] = {
    "BRI_HUB_": HubSettings,
    "BRI_NODE_": NodeSettings,
    "BRI_SEARCH_": SearchSettings,
}
# What is not of our own making: the machine that tests run on may have no such users or folders.
MOST_EXPOSED = 25
"""Tenths of systemd's own measure; up to 20 is told as OK."""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze: install systemd")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with programs that are there."""
    for path in UNITS:
        text = re.sub(r"/opt/bri/bin/[\w-]+", "/bin/true", path.read_text())
        (tmp_path / path.name).write_text(text)
    return tmp_path


def test_systemd_reads_them(units: Path) -> None:
    """Without a word."""
    done = analyze("verify", *(str(units / path.name) for path in UNITS))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_is_exposed_little(path: Path, units: Path) -> None:
    """By systemd's own measure."""
    threshold = f"--threshold={MOST_EXPOSED}"
    done = analyze("security", "--offline=yes", threshold, str(units / path.name))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_what_a_service_is_told_it_knows(path: Path) -> None:
    """Variables and credentials are settings."""
    told = re.findall(r"\b(BRI_(?:HUB|NODE|SEARCH)_)([A-Z_]+)", path.read_text())
    for prefix, name in told:
        assert name.lower() in SETTINGS[prefix].model_fields, prefix + name


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_its_programs_are_installed(path: Path) -> None:
    """Beside ours: the environment has what the units start."""
    for name in re.findall(r"^Exec\w+=.*?/opt/bri/bin/([\w-]+)", path.read_text(), re.M):
        assert shutil.which(name, path=str(Path(".venv/bin").absolute())), name


def test_every_timer_has_its_service() -> None:
    """Of the same name."""
    timers = {path.stem for path in UNITS if path.suffix == ".timer"}
    assert timers == {"bri-node-backup", "bri-hub-backup"}
    assert timers <= {path.stem for path in SERVICES}
