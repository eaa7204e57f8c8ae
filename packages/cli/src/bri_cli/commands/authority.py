"""`bri hub`, as far as it is about the keys by which its broker knows who is let in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bri_cli import files, options
from bri_cli.commands.hub import Code
from bri_cli.layout import HUB, LOOPBACK, Layout
from bri_cli.outcome import DONE, CommandFailed, NotBegun

if TYPE_CHECKING:
    from bri_kit.authority import Authority


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
    out: Annotated[Path, typer.Option(help="The file; '-' prints it.")] = files.STANDARD,
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
    files.write(out, configuration(plan, _authority(data)))
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
    from bri_hub.credentials import give
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
