"""`bri node`: a centre's own node, from joining to running."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bri_cli import files, options
from bri_cli.commands.doctor import report
from bri_cli.outcome import DONE, CommandFailed, NotBegun

if TYPE_CHECKING:
    from bri_node.configuration import Configuration

app = typer.Typer(rich_markup_mode=None, help="Set up, join and run a centre's own node.")

Out = Annotated[
    Path | None, typer.Option(help="Where to write the request; '-' prints it.", metavar="FILE")
]


@app.command("init")
def init(
    code: Annotated[str, typer.Argument(help="The centre's code for ever, e.g. kz-igtic.")],
    name: Annotated[
        list[str], typer.Option(help="Its name, or LANGUAGE=NAME for each language; repeatable.")
    ],
    languages: Annotated[str, typer.Option(help="Those that it publishes in, e.g. kk,ru,en.")],
    hub: Annotated[str, typer.Option(help="The hub's broker, e.g. wss://hub.example.")] = "",
    countries: Annotated[str, typer.Option(help="Its countries, e.g. KZ.")] = "",
    contact: Annotated[str, typer.Option(help="Whom the hub's operator can ask.")] = "",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where its site listens.")] = 8001,
    url: Annotated[str, typer.Option(help="Its site's public address, if it has one.")] = "",
    data: options.Data = Path("var"),
    out: Out = None,
) -> int:
    """Write node.toml, make the centre's keys, and write a join request for the hub's operator.

    The request holds no secret: send it by mail. Tell the key that is printed by another way.

    \b
    Example:
      bri node init kz-igtic --name "Green Technologies Centre" --languages kk,ru,en \\
        --countries KZ --hub wss://hub.example --contact desk@centre.example

    Exit status: 2 where something is not as it should be, or there is a node already.
    """
    from bri_cli.nodefile import Wishes, write
    from bri_node.configuration import NAME, ConfigurationBroken

    path = data.absolute() / NAME
    wishes = Wishes(code, tuple(name), languages, hub, countries, contact, port, url)
    try:
        write(path, wishes)
    except ConfigurationBroken as error:
        raise NotBegun(str(error)) from None
    print(f"{path} describes the node", file=sys.stderr)
    return _request(data, out)


@app.command("request")
def request(
    data: options.Data = Path("var"),
    out: Out = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Ask for other credentials; these were seen.")
    ] = False,
) -> int:
    """Write another join request: the first was lost or is too old, or credentials are to end.

    Exit status: 2 where there is no node here.
    """
    from bri_node.membership import renew_user

    if new_key:
        renew_user(_configuration(data))
    return _request(data, out)


@app.command("join")
def join(
    file: Annotated[Path, typer.Argument(help="What the hub's operator sent back.")],
    data: options.Data = Path("var"),
    hub_key: Annotated[str, typer.Option(help="The hub's key, as it was told to you.")] = "",
) -> int:
    """Take the hub's answer: from then on the node may dial the hub. It may run meanwhile.

    \b
    Example:
      bri node join kz-igtic.admission.json && bri node run

    Exit status: 1 where the answer is of no use here, 2 where there is no node here.
    """
    from bri_node.membership import NotForUs, kept_letter, take_letter

    configuration = _configuration(data)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotBegun(f"{file} cannot be read: {error}") from None
    with _told():
        try:
            letter = take_letter(configuration, text, hub_key)
        except NotForUs as reason:
            raise CommandFailed(str(reason)) from None
    kept = kept_letter(configuration.folder)
    print(f"{letter.code} may dial {configuration.address}; the hub's key is {kept and kept[1]}")
    if configuration.hub and configuration.hub != letter.nats_url:
        print(f"the hub says {letter.nats_url}; node.toml says {configuration.hub}, and wins")
    return DONE


@app.command("run")
def run(data: options.Data = Path("var")) -> int:
    """Run the node in the foreground, until SIGINT or SIGTERM.

    It works without a hub too: what is published waits until the centre has joined.

    Exit status: 0 after a signal, 2 where it could not be begun.
    """
    from bri_node.app import run as run_node
    from bri_node.configuration import ConfigurationBroken

    configuration = _configuration(data)
    try:
        settings = configuration.settings()
    except ConfigurationBroken as error:
        raise NotBegun(str(error)) from None
    run_node(configuration.profile, settings)
    return DONE


@app.command("check")
def check(data: options.Data = Path("var"), as_json: options.AsJson = False) -> int:
    """Look for what is not right with the node, and say what to do about it.

    Before and after joining, whether the node runs or not.

    Exit status: 1 where anything failed.
    """
    from bri_cli.nodecheck import examine

    return report(examine(data.absolute()), as_json)


def _configuration(data: Path) -> "Configuration":
    from bri_node.configuration import NAME, ConfigurationBroken, read

    try:
        return read(data.absolute() / NAME)
    except ConfigurationBroken as error:
        raise NotBegun(str(error)) from None


def _request(data: Path, out: Path | None) -> int:
    from bri_node.membership import identify, write_request

    configuration = _configuration(data)
    with _told():
        text = write_request(configuration)
        public = identify(configuration).public
    target = out or data / f"{configuration.profile.code}.join-request.json"
    files.write(target, text)
    if target == files.STANDARD:
        return DONE
    print(f"send {target} to the hub's operator, and tell by another way the key {public}")
    if not configuration.contact:
        print("it names nobody to ask: write a contact into node.toml, then 'bri node request'")
    return DONE


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong with keys becomes one line; a database that is, says so itself."""
    from bri_kit.signing import KeyFileUnreadable
    from bri_node.configuration import ConfigurationBroken
    from bri_node.keys import KeyLost

    try:
        yield
    except (KeyFileUnreadable, KeyLost, ConfigurationBroken) as error:
        raise NotBegun(str(error)) from None
    except OSError as error:
        raise CommandFailed(str(error)) from None
