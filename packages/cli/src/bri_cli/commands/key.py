"""`bri key`: a centre changes the key that signs its log, where its data is; the node may run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bri_cli import options
from bri_cli.commands.token import issuer_folder
from bri_cli.outcome import DONE, CommandFailed, NotBegun

if TYPE_CHECKING:
    from bri_node.keys import Seal
    from bri_node.rotating import Changed
    from bri_node.store import Store

app = typer.Typer(rich_markup_mode=None, help="Change the key that signs a centre's log.")

Centre = Annotated[str, typer.Option(help="The centre's code, e.g. sco.")]


class NotChanged(CommandFailed):
    """The key is as it was."""


@app.command("rotate")
def rotate(
    centre: Centre, data: options.Data = Path("var"), as_json: options.AsJson = False
) -> int:
    """Hand the log over to a new key; the old one signs that, and is gone afterwards.

    The hub and whoever verifies learn it from the log. Do it when people leave, or once a year.

    \b
    Example:
      bri key rotate --data /srv/bri --centre sco

    Exit status: 1 where the key in use is not in its file, 2 where there is no such centre here.
    """
    from bri_node.rotating import rotate as rotate_key

    with _opened(data, centre) as (store, seal):
        changed = rotate_key(store, seal)
    return _report(changed, as_json)


@app.command("replace")
def replace(
    centre: Centre,
    after: Annotated[
        int, typer.Option(min=0, help="The number up to which the hub accepted the old key.")
    ],
    data: options.Data = Path("var"),
    as_json: options.AsJson = False,
) -> int:
    """Take a new key without the old one's word, after that was stolen and revoked at the hub.

    What comes after the number is signed anew. Tell the hub's admin the key that is printed by
    another way; it is entered with 'bri hub key enter'.

    \b
    Example:
      bri key replace --centre sco --after 1042

    Exit status: 1 where that is not possible, 2 where there is no such centre here.
    """
    from bri_node.rotating import replace as replace_key

    with _opened(data, centre) as (store, seal):
        changed = replace_key(store, seal, after)
    return _report(changed, as_json)


@contextmanager
def _opened(data: Path, centre: str) -> "Iterator[tuple[Store, Seal]]":
    from bri_kit.errors import BriError
    from bri_kit.signing import KeyFileUnreadable
    from bri_node.keys import KeyFile, KeyLost, Seal
    from bri_node.store import ForeignData, open_store

    folder = issuer_folder(data, centre)
    try:
        store = open_store(folder, centre)
    except ForeignData as error:
        raise NotBegun(str(error)) from None
    try:
        yield store, Seal(centre, KeyFile(folder / "key"))
    except (BriError, KeyLost, KeyFileUnreadable) as error:
        raise NotChanged(str(error)) from None
    finally:
        store.close()


def _report(changed: "Changed", as_json: bool) -> int:
    from base64 import b64encode

    key = b64encode(changed.key).decode()
    if as_json:
        print(json.dumps({"key": key, "first": changed.first, "signed_anew": changed.signed_anew}))
        return DONE
    anew = f"; {changed.signed_anew} entries signed anew" if changed.signed_anew else ""
    print(f"{key} signs from entry {changed.first} on{anew}")
    return DONE
