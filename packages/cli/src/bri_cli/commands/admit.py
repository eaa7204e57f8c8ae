"""`bri admit`: the hub's operator lets centres take part; the hub need not run."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bri_cli import options
from bri_cli.layout import Layout
from bri_cli.outcome import DONE, CommandFailed, NotBegun


class NotAdmitted(CommandFailed):
    """The hub does not take what a centre says of itself."""


def admit(
    platforms: Annotated[
        list[str], typer.Argument(help="The addresses of the centres' platforms.")
    ],
    data: options.Data = Path("var"),
) -> int:
    """Let centres take part, or bring what the hub knows of them up to date.

    Each is asked who it is. Compare the key that is printed with the one that the centre told you
    by another way; a centre that is known by another key is refused.

    \b
    Example:
      bri admit https://platform.example.kz --data /srv/bri

    Exit status: 1 where a centre cannot be reached or is refused, 2 where there is no hub's data.
    """
    folder = Layout(data.absolute()).folder("hub")
    if not folder.is_dir():
        raise NotBegun(f"{data} holds no hub's data (give --data, or start the hub first)")
    for url in platforms:
        centre = _ask(url)
        _admit(folder, centre, url)
        print(f"{centre.get('code')} admitted, key {centre.get('public_key')}")
    return DONE


def _ask(url: str) -> dict[str, Any]:
    from bri_cli.acquaintance import introduce
    from bri_cli.remote import Remote
    from bri_client import node as at_node

    with Remote(url) as node:
        return introduce(node.ask(at_node.centre()), url.rstrip("/"))


def _admit(folder: Path, centre: dict[str, Any], url: str) -> None:
    from bri_hub.admission import admit as admit_centre
    from bri_kit.errors import BriError

    try:
        admit_centre(folder, centre)
    except BriError as error:
        fields = [f"{each.field} {each.message}" for each in error.errors]
        raise NotAdmitted(f"{url}: {'; '.join([error.detail, *fields])}") from None
