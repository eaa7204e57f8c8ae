"""`bri token`: who may write; made, listed and revoked where the data is, running or not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bri_cli import options
from bri_cli.layout import Layout
from bri_cli.outcome import DONE, CommandFailed, NotBegun
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from bri_kit.tokens import Kept, Tokens

app = typer.Typer(rich_markup_mode=None, help="Make, list and revoke tokens.")

ROLES = ("contributor", "editor", "admin")
HUB_ROLES = ("editor", "admin")
HUB = "hub"

Centre = Annotated[str, typer.Option(help="The centre that issues it, e.g. sco.")]
OfHub = Annotated[bool, typer.Option("--hub", help="The hub's own (role editor or admin).")]


class NoSuchToken(CommandFailed):
    """No token, or more than one, is called so."""


@app.command("create")
def create(
    role: Annotated[str, typer.Option(help="contributor, editor or admin.")],
    name: Annotated[str, typer.Option(help="Whose token it is.")],
    data: options.Data = Path("var"),
    centre: Centre = "",
    hub: OfHub = False,
    days: Annotated[
        int, typer.Option(min=0, max=36_500, help="How long it is valid; 0 is until revoked.")
    ] = 0,
) -> int:
    """Make a token and print it; it is shown only now.

    A contributor writes drafts, an editor publishes and retracts, an admin may do everything.

    \b
    Examples:
      bri token create --centre sco --role editor --name "Li Wei"
      TOKEN=$(bri token create --data /srv/bri --hub --role admin --name ops --days 90)

    Exit status: 2 where the data folder, the centre or the role is not known.
    """
    issuer = _issuer(centre, hub)
    roles = HUB_ROLES if hub else ROLES
    if role not in roles:
        raise NotBegun(f"{role!r} is not a role here; there is {', '.join(roles)}")
    if not name.strip():
        raise NotBegun("--name must not be blank")
    with _tokens(data, issuer) as tokens:
        from bri_kit.auth import Role

        print(tokens.issue(Role[role.upper()], name, _expiry(days)))
    return DONE


@app.command("list")
def list_tokens(
    data: options.Data = Path("var"),
    centre: Centre = "",
    hub: OfHub = False,
    as_json: options.AsJson = False,
) -> int:
    """List all tokens that a centre or the hub ever issued; the tokens themselves are not kept.

    \b
    Examples:
      bri token list --centre sco
      bri token list --hub --json

    Exit status: 2 where the data folder or the centre is not known.
    """
    with _tokens(data, _issuer(centre, hub)) as tokens:
        found = tokens.listed()
    if as_json:
        print_json([_document(kept) for kept in found])
        return DONE
    _print_table([_document(kept) for kept in found])
    return DONE


@app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="Its id as 'bri token list' shows it.")],
    data: options.Data = Path("var"),
    centre: Centre = "",
    hub: OfHub = False,
    as_json: options.AsJson = False,
) -> int:
    """Make a token invalid, at once and for ever. Instead of its id the token itself will do.

    \b
    Example:
      bri token revoke 3f9ac0d1e2b4 --centre sco

    Exit status: 1 where no token is called so, 2 where the data or the centre is not known.
    """
    with _tokens(data, _issuer(centre, hub)) as tokens:
        from bri_kit.errors import NotFound

        try:
            document = _document(tokens.revoke(token))
        except NotFound as fact:
            raise NoSuchToken(fact.detail) from None
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        print(f"{document['id']} of {document['name']} is revoked since {document['revoked_at']}")
    return DONE


def _issuer(centre: str, hub: bool) -> str:
    if bool(centre) == hub:
        raise NotBegun("say whose token it is: --centre CODE, or --hub")
    return HUB if hub else centre


@contextmanager
def _tokens(data: Path, issuer: str) -> "Iterator[Tokens]":
    """The tokens of the hub or a centre. Raises NotBegun where it has no data here."""
    folder = issuer_folder(data, issuer)
    if issuer == HUB:
        from bri_hub.tokens import tokens_of

        with tokens_of(folder) as tokens:
            yield tokens
    else:
        from bri_node.tokens import tokens_of as tokens_of_node

        with tokens_of_node(folder, issuer) as tokens:
            yield tokens


def issuer_folder(data: Path, issuer: str) -> Path:
    """Where the hub or a centre keeps its data. Raises NotBegun where it has none here."""
    from bri_cli.preflight import check_version

    if not data.is_dir():
        raise NotBegun(f"{data} is not a data folder (give --data, or run 'bri up' first)")
    layout = Layout(data.absolute())
    check_version(layout)
    folder = layout.folder(issuer)
    if Path(issuer).name != issuer or not (any(folder.glob("*.db")) or _is_served(folder, issuer)):
        known = sorted(path.parent.name for path in layout.data.glob("*/*.db"))
        here = ", ".join(code for code in known if code not in (HUB, "search")) or "none"
        raise NotBegun(f"{data} holds no data of {issuer!r}; centres here: {here}")
    return folder


def _is_served(folder: Path, issuer: str) -> bool:
    """Whether a service of this folder keeps its data at a database server."""
    variable = "BRI_HUB_DATABASE_URL" if issuer == HUB else "BRI_NODE_DATABASE_URL"
    from bri_kit.settings import told

    return folder.is_dir() and bool(told(variable))


def _expiry(days: int) -> str | None:
    from datetime import timedelta

    from bri_kit import clock

    return clock.rfc3339(clock.now() + timedelta(days=days)) if days else None


def _document(kept: "Kept") -> dict[str, Any]:
    return {
        "id": kept.id,
        "name": kept.name,
        "role": kept.role.name.lower(),
        "state": kept.state,
        "created_at": kept.created_at,
        "expires_at": kept.expires_at,
        "used_at": kept.used_at,
        "revoked_at": kept.revoked_at,
    }


def _print_table(documents: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from bri_cli.screen import screen

    table = Table(box=None, pad_edge=False)
    for heading in ("id", "role", "state", "created", "expires", "last used", "name"):
        table.add_column(heading, overflow="fold")
    for each in documents:
        cells = [each["id"], each["role"], each["state"]]
        cells += [_day(each[when]) for when in ("created_at", "expires_at", "used_at")]
        table.add_row(*(Text(cell) for cell in [*cells, each["name"]]))
    screen().print(table)


def _day(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else "-"
