"""The `bri` command line.

Rules: an error is one line on standard error; the exit status tells programs how it went (see
`outcome`); a command imports what is heavy when it runs, so that `bri --help` stays quick.
"""

import importlib.metadata
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from bri_cli.commands import (
    admit,
    authority,
    doctor,
    door,
    hub,
    key,
    load,
    node,
    proposals,
    safekeeping,
    search,
    source,
    status,
    story,
    token,
    up,
    upgrade,
    user,
    verify,
)
from bri_cli.outcome import DONE, NOT_BEGUN, CommandFailed
from bri_kit.unusable import DatabaseUnusable

HELP = """Run and use a federation of environmental information platforms.

\b
Begin with:
  bri up                                     start everything on this machine
  bri search 固体废物 --lang en               search what all centres published
  bri token create --centre sco --role editor --name "Li Wei"
  bri import records.ndjson --to http://127.0.0.1:8001 --token …

\b
Exit status:
  0  done (also a search without hits)
  1  the answer is no: not reached, not genuine, not everything imported, not healthy
  2  not begun: wrong usage, a port in use, missing data, a refused token
"""

_INTERRUPTED = 130

app = typer.Typer(
    name="bri",
    help=HELP,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("up")(up.up)
app.command("search")(search.search)
app.command("import")(load.load)
app.command("status")(status.status)
app.command("verify")(verify.verify)
app.command("doctor")(doctor.doctor)
app.command("admit")(admit.admit)
app.command("backup")(safekeeping.back_up)
app.command("restore")(safekeeping.restore)
app.command("upgrade")(upgrade.upgrade)
app.add_typer(source.app, name="source")
source.app.command("proposals")(proposals.proposals)
app.add_typer(token.app, name="token")
app.add_typer(user.app, name="user")
app.add_typer(key.app, name="key")
app.add_typer(hub.app, name="hub")
hub.app.add_typer(story.app, name="story")
app.add_typer(node.app, name="node")
for _name, _command in (
    ("init", authority.init),
    ("nats-config", authority.nats_config),
    ("credentials", authority.credentials),
    ("admit", door.admit),
    ("revoke", door.revoke),
    ("restore", door.restore),
):
    hub.app.command(_name)(_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"bri {importlib.metadata.version('bri-cli')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    pass


def call(arguments: list[str] | None = None) -> int:
    """Run a command line; answers the exit status, and never raises."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        status = app(given or ["--help"], standalone_mode=False)
    except CommandFailed as failed:
        return _tell(str(failed), failed.status)
    except DatabaseUnusable as reason:
        return _tell(str(reason), NOT_BEGUN)
    except TyperException as error:
        return _tell(error.format_message().replace("\n", " "), NOT_BEGUN)
    except (KeyboardInterrupt, typer.Abort):
        return _tell("interrupted", _INTERRUPTED)
    return status if isinstance(status, int) else DONE


def _tell(message: str, status: int) -> int:
    print(f"bri: {message}", file=sys.stderr)
    return status
