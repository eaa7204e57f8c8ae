"""The files that deployments are made of, read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
Document = Mapping[str, Any]


def compose() -> Document:
    """`docker-compose.yml`, with what `<<` brings in."""
    found: Document = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def documents(text: str) -> Iterator[Document]:
    """The documents of a file of manifests."""
    yield from (each for each in yaml.safe_load_all(text) if each)


def base() -> list[Document]:
    """All manifests of the base, without the kustomization itself."""
    paths = sorted((KUBERNETES / "base").glob("*.yaml"))
    return [
        each
        for path in paths
        if path.name != "kustomization.yaml"
        for each in documents(path.read_text(encoding="utf-8"))
    ]


def containers(manifest: Document) -> Iterator[Document]:
    """The containers that a manifest starts."""
    yield from manifest.get("spec", {}).get("template", {}).get("spec", {}).get("containers", ())
