"""`bri token`: who may write, made where the data is; the services need not run."""

from pathlib import Path
from typing import Annotated

import typer

from bri_cli import options
from bri_cli.layout import Layout
from bri_cli.outcome import DONE, NotBegun

app = typer.Typer(rich_markup_mode=None, help="Make tokens.")

ROLES = ("contributor", "editor", "admin")
HUB_ROLES = ("admin",)


@app.callback()
def _group() -> None:
    pass


@app.command("create")
def create(
    role: Annotated[str, typer.Option(help="contributor, editor or admin.")],
    name: Annotated[str, typer.Option(help="Whose token it is.")],
    data: options.Data = Path("var"),
    centre: Annotated[str, typer.Option(help="The centre that issues it, e.g. sco.")] = "",
    hub: Annotated[bool, typer.Option("--hub", help="The hub's own (role admin).")] = False,
) -> int:
    """Make a token and print it; it is shown only now.

    A contributor writes drafts, an editor publishes and retracts, an admin may do everything.

    \b
    Examples:
      bri token create --centre sco --role editor --name "Li Wei"
      TOKEN=$(bri token create --data /srv/bri --hub --role admin --name ops)

    Exit status: 2 where the data folder, the centre or the role is not known.
    """
    if bool(centre) == hub:
        raise NotBegun("say whose token it is: --centre CODE, or --hub")
    roles = HUB_ROLES if hub else ROLES
    if role not in roles:
        raise NotBegun(f"{role!r} is not a role here; there is {', '.join(roles)}")
    if not name.strip():
        raise NotBegun("--name must not be blank")
    folder = issuer_folder(data, "hub" if hub else centre)
    print(_create(folder, centre, role, name))
    return DONE


def issuer_folder(data: Path, issuer: str) -> Path:
    """Where the hub or a centre keeps its data. Raises NotBegun where it has none here."""
    from bri_cli.preflight import check_version

    if not data.is_dir():
        raise NotBegun(f"{data} is not a data folder (give --data, or run 'bri up' first)")
    layout = Layout(data.absolute())
    check_version(layout)
    folder = layout.folder(issuer)
    if Path(issuer).name != issuer or not any(folder.glob("*.db")):
        known = sorted(path.parent.name for path in layout.data.glob("*/*.db"))
        here = ", ".join(code for code in known if code not in ("hub", "search")) or "none"
        raise NotBegun(f"{data} holds no data of {issuer!r}; centres here: {here}")
    return folder


def _create(folder: Path, centre: str, role: str, name: str) -> str:
    if not centre:
        from bri_hub.tokens import create_token

        return create_token(folder, role, name)
    from bri_kit.auth import Role
    from bri_node.tokens import create_token as create_node_token

    return create_node_token(folder, centre, Role[role.upper()], name)
