"""The configuration of a NATS server that believes the hub's operator and nobody else.

Rules:
- what JetStream acknowledges is on disk (`sync_interval: always`): by default the server syncs
  later, and a power failure loses what it acknowledged;
- the file store has a limit of its own: by default it is three quarters of what the disk has free,
  and the stream, which reserves 8 GiB, could not be made on a small one;
- JetStream takes no request with fields that it does not know (`strict`): its acknowledgements go
  wherever a publisher has them go, and so must not be read as requests;
- accounts are kept in a folder beside the store, so that a server which comes back knows who was
  revoked, and which other servers of a cluster are told of;
- from other machines a server is reached by TLS or not at all.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from bri_kit import roles
from bri_kit.authority import Authority

_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a server's certificate (PEM, with the chain) and its private key."""

    cert: str
    key: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Servers that are one: where they reach each other (`nats://host:6222`)."""

    name: str
    routes: tuple[str, ...]
    listen: str = "0.0.0.0:6222"


@dataclass(frozen=True, slots=True)
class Plan:
    """One server. `folder` is where it keeps its store and the accounts, on its own machine.
    `websocket` and `http` are addresses to listen on, empty for none; `http` is for health checks
    and nobody else's. Without a certificate, WebSockets are for a proxy that ends TLS."""

    folder: str
    listen: str
    name: str = "bri"
    certificate: Certificate | None = None
    websocket: str = ""
    http: str = ""
    cluster: Cluster | None = None
    store_bytes: int = 18 * _GIB


def configuration(plan: Plan, authority: Authority) -> str:
    """The text of the configuration file. It holds no secret."""
    folder = Path(plan.folder)
    sections = [
        f"server_name: {_text(plan.name)}\nlisten: {_text(plan.listen)}",
        f"max_payload: {roles.MAX_PAYLOAD}\npid_file: {_text(folder / 'nats.pid')}",
        f"http: {_text(plan.http)}" if plan.http else "",
        _tls(plan.certificate) if plan.certificate else "",
        _websocket(plan) if plan.websocket else "",
        _cluster(plan.cluster) if plan.cluster else "",
        _jetstream(folder, plan.store_bytes),
        _accounts(folder, authority),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _jetstream(folder: Path, store_bytes: int) -> str:
    return (
        f"jetstream {{\n  store_dir: {_text(folder / 'store')}\n"
        f"  max_file_store: {store_bytes}\n  sync_interval: always\n  strict: true\n}}"
    )


def _accounts(folder: Path, authority: Authority) -> str:
    """Who is believed. What stands under `resolver_preload` is for a first start: the folder may
    know better, and the hub tells anew whenever it connects."""
    return (
        f"operator: {authority.operator_claim()}\n"
        f"system_account: {authority.system}\n"
        f"resolver {{\n  type: full\n  dir: {_text(folder / 'accounts')}\n"
        '  allow_delete: false\n  interval: "2m"\n}\n'
        f"resolver_preload {{\n  {authority.system}: {authority.system_claim()}\n"
        f"  {authority.federation}: {authority.first_claim()}\n}}"
    )


def _tls(certificate: Certificate) -> str:
    return (
        f"tls {{\n  cert_file: {_text(certificate.cert)}\n  key_file: {_text(certificate.key)}\n"
        '  min_version: "1.2"\n  timeout: 5\n}'
    )


def _websocket(plan: Plan) -> str:
    inner = _tls(plan.certificate).replace("\n", "\n  ") if plan.certificate else "no_tls: true"
    return f"websocket {{\n  listen: {_text(plan.websocket)}\n  {inner}\n}}"


def _cluster(cluster: Cluster) -> str:
    routes = "".join(f"\n    {_text(route)}" for route in cluster.routes)
    return (
        f"cluster {{\n  name: {_text(cluster.name)}\n  listen: {_text(cluster.listen)}\n"
        f"  routes: [{routes}\n  ]\n}}"
    )


def _text(value: str | Path) -> str:
    return json.dumps(str(value), ensure_ascii=False)
