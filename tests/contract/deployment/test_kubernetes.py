"""Kubernetes: manifests as the API server takes them, and as they are promised to be."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest

from bri_hub.settings import HubSettings
from bri_kit.settings import ServiceSettings
from bri_search.settings import SearchSettings
from tests.contract.deployment.documents import (
    KUBERNETES,
    Document,
    base,
    containers,
    documents,
)

VERSION = "1.32"
OVERLAYS = sorted(path.name for path in (KUBERNETES / "overlays").iterdir())
STARTING = [each for each in base() if list(containers(each))]


def name_of(manifest: Document) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def built(overlay: str) -> list[Document]:
    """An overlay as `kubectl apply -k` sends it."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl: install it to see the overlays built")
    done = subprocess.run(
        [kubectl, "kustomize", str(KUBERNETES / "overlays" / overlay)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(documents(done.stdout))


@pytest.mark.parametrize("manifest", base(), ids=name_of)
def test_a_manifest_is_as_its_kind_says(manifest: Document) -> None:
    """Strictly: an unknown field is a mistake."""
    kubernetes_validate.validate(manifest, VERSION, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_builds_and_is_valid(overlay: str) -> None:
    """Each patch finds what it patches, and leaves it valid."""
    for manifest in built(overlay):
        kubernetes_validate.validate(manifest, VERSION, strict=True)
        assert manifest["metadata"]["namespace"] == "bri"
        for each in containers(manifest):
            assert each["image"].startswith("registry.example.org/bri:")


@pytest.mark.parametrize("manifest", STARTING, ids=name_of)
def test_a_pod_can_do_little(manifest: Document) -> None:
    """Not root, no rights, no token of the cluster, and a root that cannot be written."""
    pod = manifest["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    for each in containers(manifest):
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert each["resources"]["requests"]
        assert each["resources"]["limits"]["memory"]


@pytest.mark.parametrize("manifest", STARTING, ids=name_of)
def test_a_pod_says_how_it_is(manifest: Document) -> None:
    """Probes ask ports that it has, and names in it lead somewhere."""
    [each] = containers(manifest)
    ports = {port["name"] for port in each["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert each[probe]["httpGet"]["port"] in ports
    pod = manifest["spec"]["template"]["spec"]
    volumes = {volume["name"] for volume in pod.get("volumes", ())}
    volumes |= {
        claim["metadata"]["name"] for claim in manifest["spec"].get("volumeClaimTemplates", ())
    }
    assert {mount["name"] for mount in each["volumeMounts"]} == volumes
    budgets = [found for found in base() if found["kind"] == "PodDisruptionBudget"]
    labels = manifest["spec"]["template"]["metadata"]["labels"]
    assert labels in [found["spec"]["selector"]["matchLabels"] for found in budgets]


@pytest.mark.parametrize("manifest", base(), ids=name_of)
def test_what_a_service_or_policy_selects_is_there(manifest: Document) -> None:
    """By labels, and ports by number or name."""
    pods = {found["spec"]["template"]["metadata"]["labels"]["app"]: found for found in STARTING}
    if manifest["kind"] == "Service":
        [each] = containers(pods[manifest["spec"]["selector"]["app"]])
        known: set[Any] = {port["containerPort"] for port in each["ports"]}
        known |= {port["name"] for port in each["ports"]}
        for port in manifest["spec"]["ports"]:
            assert port.get("targetPort", port["port"]) in known
    if manifest["kind"] == "NetworkPolicy" and manifest["spec"]["podSelector"]:
        [each] = containers(pods[manifest["spec"]["podSelector"]["matchLabels"]["app"]])
        names = {port["name"] for port in each["ports"]}
        told = [port["port"] for rule in manifest["spec"]["ingress"] for port in rule["ports"]]
        assert set(told) <= names


def environments() -> Iterator[tuple[str, dict[str, str]]]:
    maps = {
        each["metadata"]["name"]: each["data"] for each in base() if each["kind"] == "ConfigMap"
    }
    for manifest in STARTING:
        for each in containers(manifest):
            told = {one["name"]: one["value"] for one in each.get("env", ()) if "value" in one}
            for one in each.get("envFrom", ()):
                told |= maps[one["configMapRef"]["name"]]
            yield each["name"], told


def test_services_understand_what_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable is a setting, and every value one that it may have."""
    kinds: dict[str, tuple[str, type[ServiceSettings]]] = {
        "hub": ("BRI_HUB_", HubSettings),
        "search": ("BRI_SEARCH_", SearchSettings),
    }
    for name, told in environments():
        if name not in kinds:
            continue
        prefix, kind = kinds[name]
        for variable, value in told.items():
            if variable.startswith(prefix):
                assert variable.removeprefix(prefix).lower() in kind.model_fields
                monkeypatch.setenv(variable, value)
        kind()


def test_three_servers_keep_the_stream_three_times() -> None:
    """On three machines, one of which may be away; the hub has as many replicas kept."""
    [nats] = [each for each in STARTING if each["metadata"]["name"] == "nats"]
    assert nats["kind"] == "StatefulSet"
    assert nats["spec"]["replicas"] == 3
    affinity = nats["spec"]["template"]["spec"]["affinity"]["podAntiAffinity"]
    assert "requiredDuringSchedulingIgnoredDuringExecution" in affinity
    assert dict(environments())["hub"]["BRI_HUB_STREAM_REPLICAS"] == "3"
