"""`bri backup` and `bri restore`: what a node, the hub or all of `bri up` must not lose."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bri_cli import options
from bri_cli.outcome import DONE

if TYPE_CHECKING:
    from bri_cli.holdings import Holding


def back_up(
    file: Annotated[Path, typer.Argument(help="Where to write it, e.g. bri-2026-11-22.backup")],
    data: options.Data = Path("var"),
) -> int:
    """Back up a data folder, that of 'bri up' or of one service, while everything runs.

    The file holds databases and private keys: keep it where only you can read it. Search indexes
    are left out, they are made anew. For databases at PostgreSQL set the same BRI_NODE_DATABASE_URL
    and BRI_HUB_DATABASE_URL as the services have, and install pg_dump.

    \b
    Example:
      bri backup --data /srv/bri /backup/bri-$(date +%F).backup

    Exit status: 1 where it could not be written, 2 where there is nothing to back up.
    """
    from bri_cli import safekeeping

    found = safekeeping.back_up(data.absolute(), file.absolute())
    print(f"{file} holds {_listed(found)}; it has private keys, keep it safe")
    return DONE


def restore(
    file: Annotated[Path, typer.Argument(help="What 'bri backup' wrote.")],
    data: options.Data = Path("var"),
    former: Annotated[
        Path | None,
        typer.Option(help="The folder that this replaces: what was revoked in it stays revoked."),
    ] = None,
    end_access: Annotated[
        bool, typer.Option("--end-access", help="Revoke all tokens and credentials in the backup.")
    ] = False,
) -> int:
    """Put a backup back, into a folder that is empty or not there yet.

    What was revoked after the backup was made would be valid again. Give --former where the old
    folder can still be read; otherwise look at 'bri token list', or give --end-access and make new
    tokens. Whoever was signed in signs in again.

    Nothing may run on the folder; the machine that the backup is of must not run any more, because
    two nodes of one centre would write two histories.

    \b
    Example:
      bri restore /backup/bri-2026-11-22.backup --data /srv/bri

    Exit status: 1 where it could not be written, 2 where the folder is not empty or the file is
    no backup, is damaged or of a newer version.
    """
    from bri_cli import safekeeping

    old = former.absolute() if former else None
    found = safekeeping.restore(file.absolute(), data.absolute(), old, ends_all=end_access)
    print(f"{data} holds {', '.join(each.name for each in found)} again")
    for each in found:
        if former is None and each.tokens + each.credentials:
            print(
                f"{each.name}: {each.tokens} tokens and {each.credentials} credentials of centres"
                " are valid as when the backup was made; revoke those that were revoked since"
            )
    return DONE


def _listed(found: "Sequence[Holding]") -> str:
    return ", ".join(each.name or f"the {each.schema.name}" for each in found)
