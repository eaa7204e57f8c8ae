"""docker-compose.yml: as Compose reads it, and as it is promised to be.

What Compose knows (compose-spec.io) is told by the names that we use; Compose itself is asked where
it is installed.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.deployment.documents import DEPLOY, ROOT, Document, compose

KNOWN = frozenset(
    "build cap_drop command depends_on entrypoint environment healthcheck image init logging"
    " networks ports profiles read_only restart secrets security_opt shm_size stop_grace_period"
    " tmpfs user volumes".split()
)
"""Attributes of a service that Compose knows, as far as we need them."""

CHECKING = frozenset("test interval timeout retries start_period start_interval".split())
WAITING = frozenset("service_started service_healthy service_completed_successfully".split())
OURS = [name for name, each in compose()["services"].items() if each["image"] == "bri"]
ALL = sorted(compose()["services"])
LASTING = [name for name in ALL if compose()["services"][name].get("restart") != "on-failure"]


def service(name: str) -> Document:
    found: Document = compose()["services"][name]
    return found


@pytest.mark.parametrize("name", ALL)
def test_it_is_what_compose_reads(name: str) -> None:
    """Only attributes that there are: Compose refuses a misspelt one."""
    each = service(name)
    assert set(each) - KNOWN == set()
    assert set(each.get("healthcheck", ())) - CHECKING == set()
    for how in each.get("depends_on", {}).values():
        assert how["condition"] in WAITING
    whole = set(compose()) - {key for key in compose() if key.startswith("x-")}
    assert whole <= {"name", "services", "networks", "volumes", "secrets"}


@pytest.mark.parametrize("name", ALL)
def test_a_container_can_do_little(name: str) -> None:
    """It is not root, writes to volumes alone, and gains no rights."""
    each = service(name)
    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in each
    assert all(port.startswith("127.0.0.1:") for port in each.get("ports", ()))


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_says_how_it_is(name: str) -> None:
    """And comes back by itself."""
    each = service(name)
    assert each["healthcheck"]["test"][0] == "CMD"
    assert each["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ALL)
def test_everything_that_is_named_is_there(name: str) -> None:
    """Secrets, networks, volumes, and services that are waited for and can be."""
    whole, each = compose(), service(name)
    for secret in each.get("secrets", ()):
        assert (secret if isinstance(secret, str) else secret["source"]) in whole["secrets"]
    assert set(each.get("networks", ())) <= set(whole["networks"])
    for volume in each.get("volumes", ()):
        source = volume.partition(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in whole["volumes"]
    for other, how in each.get("depends_on", {}).items():
        lasting = how["condition"] == "service_healthy"
        assert ("healthcheck" in service(other)) == lasting


def test_no_secret_is_in_an_environment() -> None:
    """Environments are inherited and shown; secrets come in files that are made on the spot."""
    for name in ALL:
        for variable, value in service(name).get("environment", {}).items():
            named = re.search("PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL", variable)
            assert not named or str(value).startswith("/run/secrets"), (name, variable)


def test_the_secrets_are_made(tmp_path: Path) -> None:
    """All that are named; what was made before stays."""
    shutil.copy(DEPLOY / "secrets.sh", tmp_path)
    run = ["sh", str(tmp_path / "secrets.sh")]
    subprocess.run(run, check=True, capture_output=True)
    folder = tmp_path / "secrets"
    before = {path.name: path.read_text() for path in folder.iterdir()}
    wanted = {Path(each["file"]).name for each in compose()["secrets"].values()}
    assert set(before) == wanted
    assert all(before.values())
    assert before["postgres-password"] in before["hub-database-url"]
    assert before["meili-key"] in before["meilisearch.toml"]
    assert folder.stat().st_mode & 0o777 == 0o700
    subprocess.run(run, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_the_image_holds_what_is_installed() -> None:
    """The same packages as `make install`, and a user who is not root."""
    made = re.search(r"^PACKAGES := ((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert made is not None
    packages = set(made[1].replace("\\", " ").split())
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert {word[2:] for word in dockerfile.split() if word.startswith("./p")} | {
        word[2:] for word in dockerfile.split() if word.startswith("./s")
    } == packages
    assert re.findall(r"^USER (\d+):\d+$", dockerfile, re.M) == ["10001"]
    copied = {line.split()[1] for line in dockerfile.splitlines() if line.startswith("COPY p")}
    assert {each.partition("/")[0] for each in packages} - copied == {"services"}


def test_compose_itself_agrees(tmp_path: Path) -> None:
    """`docker compose config`, where it is installed."""
    docker = shutil.which("docker")
    command = [docker or "docker", "compose", "--profile", "partner", "config", "--quiet"]
    known = (
        docker and subprocess.run([docker, "compose", "version"], capture_output=True).returncode
    )
    if docker is None or known != 0:
        pytest.skip("no docker compose: install the plugin docker-compose-v2")
    told = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
