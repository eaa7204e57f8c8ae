"""`bri user`: who may sign in at a centre's desk; made and changed where the data is, running or
not."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bri_cli import options
from bri_cli.commands.token import ROLES, issuer_folder
from bri_cli.outcome import DONE, CommandFailed, NotBegun
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from bri_node.desktables import DeskUserRow
    from bri_node.store import Store

app = typer.Typer(rich_markup_mode=None, help="Make, list and disable users of the editor's desk.")

Centre = Annotated[str, typer.Option(help="The centre whose desk it is, e.g. sco.")]
Name = Annotated[str, typer.Argument(help="What the person signs in with.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


class UserRefused(CommandFailed):
    """The user cannot be made or changed so."""


@app.command("create")
def create(
    name: Name,
    role: Annotated[str, typer.Option(help="contributor, editor or admin.")],
    centre: Centre,
    data: options.Data = Path("var"),
    shown: Annotated[str, typer.Option("--name", help="What others read, e.g. 'Li Wei'.")] = "",
    password_stdin: FromInput = False,
) -> int:
    """Make a user who signs in at /desk of the centre's site; the password is asked for.

    \b
    Examples:
      bri user create li --name "Li Wei" --role editor --centre sco
      bri user create li --role editor --centre sco --password-stdin < password.txt

    Exit status: 1 where the name is taken or the password too short, 2 where the data folder, the
    centre or the role is not known.
    """
    if role not in ROLES:
        raise NotBegun(f"{role!r} is not a role here; there is {', '.join(ROLES)}")
    with _users(data, centre) as store:
        password = _password(password_stdin)
        from bri_kit.auth import Role
        from bri_node.desk import users

        with _told(), store.writing() as session:
            user = users.create(session, name, shown, Role[role.upper()], password)
        print(f"{user.name} may sign in at {centre}'s desk as {role}")
    return DONE


@app.command("list")
def list_users(
    centre: Centre, data: options.Data = Path("var"), as_json: options.AsJson = False
) -> int:
    """List everybody who may, or might once, sign in at a centre's desk.

    \b
    Example:
      bri user list --centre sco

    Exit status: 2 where the data folder or the centre is not known.
    """
    with _users(data, centre) as store, store.reading() as session:
        from bri_node.desk import users

        documents = [_document(row) for row in users.listed(session)]
    if as_json:
        print_json(documents)
    else:
        _print_table(documents)
    return DONE


@app.command("password")
def password(
    name: Name, centre: Centre, data: options.Data = Path("var"), password_stdin: FromInput = False
) -> int:
    """Give a user another password, and sign them out everywhere.

    \b
    Example:
      bri user password li --centre sco

    Exit status: 1 where there is no such user or the password is too short, 2 where the data folder
    or the centre is not known.
    """
    with _users(data, centre) as store:
        new = _password(password_stdin)
        from bri_node.desk import users

        with _told(), store.writing() as session:
            users.set_password(session, name, new)
    print(f"{name} has another password, and is signed out everywhere")
    return DONE


@app.command("disable")
def disable(name: Name, centre: Centre, data: options.Data = Path("var")) -> int:
    """Let a user in no more, at once.

    \b
    Example:
      bri user disable li --centre sco

    Exit status: 1 where there is no such user, 2 where the data folder or the centre is not known.
    """
    with _users(data, centre) as store:
        from bri_node.desk import users

        with _told(), store.writing() as session:
            users.disable(session, name)
    print(f"{name} is disabled, and signed out everywhere")
    return DONE


@app.command("sign-out")
def sign_out(name: Name, centre: Centre, data: options.Data = Path("var")) -> int:
    """End all sessions of a user, who may sign in again.

    \b
    Example:
      bri user sign-out li --centre sco

    Exit status: 1 where there is no such user, 2 where the data folder or the centre is not known.
    """
    with _users(data, centre) as store:
        from bri_node.desk import users

        with _told(), store.writing() as session:
            users.end_sessions(session, users.find(session, name).id)
    print(f"{name} is signed out everywhere")
    return DONE


@contextmanager
def _users(data: Path, centre: str) -> "Iterator[Store]":
    if centre == "hub":
        raise NotBegun("the hub has no desk; say whose it is: --centre CODE")
    folder = issuer_folder(data, centre)
    from bri_node.desk import users

    with users.store_of(folder, centre) as store:
        yield store


@contextmanager
def _told() -> Iterator[None]:
    """Tells in one line what the rules refuse."""
    from bri_kit.errors import BriError

    try:
        yield
    except BriError as fact:
        faults = "; ".join(f"{each.field} {each.message}" for each in fact.errors)
        raise UserRefused(" ".join(part for part in (fact.detail, faults) if part)) from None


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise NotBegun("there is no terminal to ask for the password; give --password-stdin")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise UserRefused("the two passwords are not the same")
    return first


def _document(row: "DeskUserRow") -> dict[str, Any]:
    from bri_kit.auth import Role

    return {
        "name": row.name,
        "shown": row.shown,
        "role": Role(row.role).name.lower(),
        "signs_in_by": "provider" if row.subject else "password",
        "created_at": row.created_at,
        "disabled_at": row.disabled_at,
    }


def _print_table(documents: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from bri_cli.screen import screen

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "shown", "role", "by", "created", "disabled"):
        table.add_column(heading, overflow="fold")
    for each in documents:
        cells = [each["name"], each["shown"], each["role"], each["signs_in_by"]]
        cells += [
            (each[when] or "-")[:16].replace("T", " ") for when in ("created_at", "disabled_at")
        ]
        table.add_row(*(Text(cell) for cell in cells))
    screen().print(table)
