"""`bri hub`, as far as it is about who is let in: keys, the broker's configuration, admission."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bri_cli import options
from bri_cli.commands.hub import Code, Reason, Token
from bri_cli.layout import HUB, LOOPBACK, Layout
from bri_cli.outcome import DONE, NEGATIVE, CommandFailed, NotBegun

if TYPE_CHECKING:
    from bri_client import Call
    from bri_client.standings import Decided
    from bri_kit.authority import Authority

STANDARD = Path("-")


def init(data: options.Data = Path("var")) -> int:
    """Make the keys by which this hub's broker lets centres in; what is there already stays.

    They are in the hub's folder of the data, and in 'bri backup': without them all centres have to
    join anew. Then write the broker's configuration with 'bri hub nats-config', and have the hub
    use BRI_HUB_NATS_CREDENTIALS as printed.

    \b
    Example:
      bri hub init --data /srv/bri

    Exit status: 1 where they cannot be written.
    """
    authority = _authority(data, make=True)
    print(f"BRI_HUB_NATS_CREDENTIALS={authority.hub_credentials}")
    print(f"hub key {authority.name}")
    return DONE


def nats_config(
    folder: Annotated[
        Path, typer.Option(help="Where the server keeps its data, on its own machine.")
    ],
    data: options.Data = Path("var"),
    listen: Annotated[str, typer.Option(help="Where it listens.")] = "0.0.0.0:4222",
    cert: Annotated[str, typer.Option(help="Its certificate with the chain (PEM).")] = "",
    key: Annotated[str, typer.Option(help="The certificate's private key (PEM).")] = "",
    websocket: Annotated[
        str, typer.Option(help="Where it listens for WebSockets, e.g. 0.0.0.0:443.")
    ] = "",
    http: Annotated[str, typer.Option(help="Where it answers health checks.")] = "",
    name: Annotated[str, typer.Option(help="The server's name, its own in a cluster.")] = "bri",
    cluster: Annotated[str, typer.Option(help="The cluster's name.")] = "",
    route: Annotated[
        list[str] | None, typer.Option(help="Another server, nats://host:6222; repeatable.")
    ] = None,
    store_gib: Annotated[int, typer.Option(min=9, help="The most that it keeps.")] = 18,
    plain: Annotated[
        bool, typer.Option("--plain", help="Without TLS: behind a proxy that ends it, say.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The file; '-' prints it.")] = STANDARD,
) -> int:
    """Write the configuration of a NATS server that believes this hub. It holds no secret.

    \b
    Example:
      bri hub nats-config --data /srv/bri --folder /var/lib/nats --websocket 0.0.0.0:443 \\
        --cert /etc/nats/tls.crt --key /etc/nats/tls.key --out /etc/nats/nats.conf

    Exit status: 2 without TLS for other machines (or --plain), or where there are no keys here.
    """
    from bri_kit.broker_configuration import Certificate, Cluster, Plan, configuration

    if bool(cert) != bool(key):
        raise NotBegun("a certificate needs its key: give both --cert and --key")
    if not cert and not plain and not listen.startswith(f"{LOOPBACK}:"):
        raise NotBegun("other machines need TLS: give --cert and --key, or --plain if it is meant")
    plan = Plan(
        folder=str(folder),
        listen=listen,
        name=name,
        certificate=Certificate(cert, key) if cert else None,
        websocket=websocket,
        http=http,
        cluster=Cluster(cluster, tuple(route or ())) if cluster else None,
        store_bytes=store_gib * 1024**3,
    )
    _write(out, configuration(plan, _authority(data)))
    return DONE


def credentials(
    code: Code,
    file: Annotated[Path, typer.Argument(help="Where to write them; a secret.")],
    data: options.Data = Path("var"),
) -> int:
    """Make credentials for a centre whose platform the hub's operator runs as well.

    They are for BRI_NODE_NATS_CREDENTIALS. A centre elsewhere joins by 'bri node init' instead, and
    its private key never leaves it. Again is harmless.

    \b
    Example:
      bri hub credentials sco /srv/secrets/sco.creds --data /srv/bri

    Exit status: 2 where there are no keys here, or no centre can be called so.
    """
    from bri_hub.joining import give
    from bri_hub.tables import open_database
    from bri_kit import database
    from bri_kit.joining import check_code

    try:
        check_code(code)
    except ValueError as error:
        raise NotBegun(f"{code!r}: {error}") from None
    authority = _authority(data)
    engine = open_database(_folder(data))
    try:
        with database.writing(engine) as session:
            is_new = give(session, authority, code, file)
    finally:
        engine.dispose()
    print(f"{file} {'holds new' if is_new else 'has'} credentials of {code}")
    return DONE


def admit(
    file: Annotated[Path, typer.Argument(help="The centre's join request; '-' reads it.")],
    hub: options.Hub = "",
    token: Token = "",
    out: Annotated[
        Path | None, typer.Option(help="Where to write the answer; else CODE.admission.json.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=0, max=3_650, help="How long it holds; 0 is until revoked.")
    ] = 0,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: options.AsJson = False,
) -> int:
    """Look at a centre's join request, let the centre take part, and write the answer for it.

    Compare the key that is shown with the one that the centre told you by another way. The answer
    holds no secret: it is of use to that centre alone.

    \b
    Example:
      bri hub admit kz-igtic.join-request.json

    Exit status: 1 where the request cannot be granted or you say no, 2 without a token.
    """
    from bri_cli.remote import Remote
    from bri_client import admin

    _need(token)
    text = _read(file)
    with Remote(hub or options.default_hub(), token) as remote:
        request = remote.ask(admin.consider(text))
        if not as_json:
            _show(request)
        if not yes and not typer.confirm(f"Admit {request['code']}?"):
            return NEGATIVE
        admitted = remote.ask(admin.admit(text, days))
    target = out or Path(f"{admitted['code']}.admission.json")
    _write(target, admitted["letter"])
    if as_json:
        told = {name: each for name, each in admitted.items() if name != "letter"}
        print(json.dumps({**told, "file": str(target)}, ensure_ascii=False, indent=2))
    elif target != STANDARD:
        print(f"{admitted['code']} is admitted; give it {target} ('bri node join')")
    return DONE


def revoke(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """End a centre's credentials: its connections are cut at once, and it is suspended.

    What it published stays at the hub, unseen; 'bri hub restore' undoes all of it.

    Exit status: 1 where the hub refuses, or the broker could not be told yet.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.revoke(code, reason), as_json)


def restore(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Have a revoked centre's credentials hold again, and show it.

    Exit status: as of 'bri hub revoke'.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.restore(code, reason), as_json)


def _decide(hub: str, token: str, reason: str, call: "Call[Decided]", as_json: bool) -> int:
    from bri_cli.remote import Remote

    _need(token)
    if not reason.strip():
        raise NotBegun("--reason must not be blank")
    with Remote(hub or options.default_hub(), token) as remote:
        document = remote.ask(call)
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print(f"{document['code']} is {document['state']}")
    if document.get("told"):
        return DONE
    print("the broker does not answer; the hub tells it as soon as it does", file=sys.stderr)
    return NEGATIVE


def _need(token: str) -> None:
    if not token:
        raise NotBegun("a token is needed: --token or BRI_TOKEN (see 'bri token create --hub')")


def _folder(data: Path) -> Path:
    return Layout(data.absolute()).folder(HUB)


def _authority(data: Path, *, make: bool = False) -> "Authority":
    """The hub's keys. Raises NotBegun where there are none, CommandFailed where they are no use."""
    from bri_kit.authority import Authority, is_in
    from bri_kit.signing import KeyFileUnreadable

    folder = _folder(data)
    if not make and not is_in(folder):
        raise NotBegun(f"{folder} holds no keys of a hub (see 'bri hub init')")
    try:
        return Authority(folder)
    except OSError as error:
        raise CommandFailed(f"{folder}: {error.strerror or error}") from None
    except KeyFileUnreadable as error:
        raise CommandFailed(str(error)) from None


def _show(request: Mapping[str, Any]) -> None:
    names = "; ".join(f"{tag}: {name}" for tag, name in request["names"].items())
    lines: Sequence[tuple[str, str]] = (
        ("centre", f"{request['code']} ({names})"),
        ("languages", ", ".join(request["languages"])),
        ("publishes in", ", ".join(request["edition_languages"])),
        ("countries", ", ".join(request["countries"]) or "-"),
        ("contact", request["contact"] or "-"),
        ("address", request["url"] or "-"),
        ("key", request["public_key"]),
        ("made at", request["made_at"]),
    )
    for label, value in lines:
        print(f"{label:<13} {value}")
    for remark in request["remarks"]:
        print(f"note          {remark}")


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if file == STANDARD else file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotBegun(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NotBegun(f"{file} is no text in UTF-8") from None


def _write(file: Path, text: str) -> None:
    if file == STANDARD:
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror}") from None
