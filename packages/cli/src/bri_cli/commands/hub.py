"""`bri hub`: what the hub's admin decides about centres, and what was decided."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bri_cli import options
from bri_cli.authorised import decide, need_token
from bri_cli.outcome import DONE
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from bri_client import Call, Listing
    from bri_client.call import Item
    from bri_client.documents import Evidence
    from bri_client.standings import AuditLine, Decided

app = typer.Typer(rich_markup_mode=None, help="Decide about centres, as an admin of the hub.")
brake = typer.Typer(rich_markup_mode=None, help="Release or refuse what the brake holds.")
key = typer.Typer(rich_markup_mode=None, help="Revoke a centre's key, or enter the next one.")
app.add_typer(brake, name="brake")
app.add_typer(key, name="key")

Code = Annotated[str, typer.Argument(help="The centre's code, e.g. sco.")]
Token = Annotated[str, typer.Option(envvar="BRI_TOKEN", help="An admin's token of the hub.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept, and the centre may be told.")]


@app.command("centres")
def centres(hub: options.Hub = "", token: Token = "", as_json: options.AsJson = False) -> int:
    """List all centres with their standing.

    Exit status: 1 where the hub cannot be reached or refuses, 2 without a token.
    """
    from bri_client import admin

    return _show(hub, token, admin.centres(), _centre_line, as_json)


@app.command("audit")
def audit(
    centre: Annotated[str, typer.Option(help="Only about this centre.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many lines.")] = 100,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """List what was decided, by whom, when and why; the newest first.

    Exit status: as of 'bri hub centres'.
    """
    from bri_client import admin

    return _show(hub, token, admin.audit(centre, limit), _audit_line, as_json)


@app.command("evidence")
def evidence(
    code: Code, hub: options.Hub = "", token: Token = "", as_json: options.AsJson = False
) -> int:
    """List both sides of every fork of a centre's history; --json has them as they were signed.

    Exit status: as of 'bri hub centres'.
    """
    from bri_client import admin

    return _show(hub, token, admin.evidence(code), _evidence_line, as_json)


@app.command("limit")
def limit(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Go on accepting a centre's entries, but show nothing of it.

    \b
    Example:
      bri hub limit sco --reason "complaints are being looked into"

    Exit status: 1 where the hub refuses, for example because it stands so already.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.set_state(code, "limit", reason), as_json)


@app.command("suspend")
def suspend(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Show nothing of a centre, and have its entries wait.

    Exit status: as of 'bri hub limit'.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.set_state(code, "suspend", reason), as_json)


@app.command("resume")
def resume(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Show a centre again, and take in what waited.

    Exit status: as of 'bri hub limit'.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.set_state(code, "resume", reason), as_json)


@brake.command("release")
def release(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Let through what the brake holds of a centre.

    Exit status: as of 'bri hub limit'.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.release(code, reason), as_json)


@brake.command("refuse")
def refuse(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Refuse what the brake holds of a centre: its records stay as they were.

    Exit status: as of 'bri hub limit'.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.refuse(code, reason), as_json)


@key.command("revoke")
def revoke(
    code: Code,
    reason: Reason,
    key: Annotated[str, typer.Option(help="In base64; else the one in use.")] = "",
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Accept nothing more that a key signs; what was accepted stays.

    Exit status: as of 'bri hub limit'.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.revoke_key(code, reason, key), as_json)


@key.command("enter")
def enter(
    code: Code,
    key: Annotated[str, typer.Argument(help="In base64, as the centre told it by another way.")],
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Enter the key that follows a revoked one.

    Exit status: as of 'bri hub limit'.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.enter_key(code, key, reason), as_json)


def _show(
    hub: str,
    token: str,
    listing: "Listing[dict[str, Any], Item]",
    line: Callable[["Item"], str],
    as_json: bool,
) -> int:
    from bri_cli.remote import Remote

    need_token(token, hub=True)
    with Remote(hub or options.default_hub(), token) as remote:
        document = remote.page(listing)
    if as_json:
        print_json(document)
        return DONE
    for item in listing.items(document):
        print(line(item))
    return DONE


def _decide(hub: str, token: str, reason: str, call: "Call[Decided]", as_json: bool) -> int:
    decide(hub, token, reason, call, _state_line, as_json)
    return DONE


def _state_line(decided: "Decided") -> str:
    return f"{decided['code']} is {decided['state']}{_held(decided['hold'])}"


def _centre_line(item: dict[str, Any]) -> str:
    line = f"{item['code']:<12} {item['state']:<10} {item['records']} records, entry"
    line += f" {item['number']} of {item['newest']}{_held(item['hold'])}"
    return line + (f", {item['forks']} forks" if item["forks"] else "")


def _held(hold: dict[str, Any] | None) -> str:
    if hold is None:
        return ""
    return f", held from entry {hold['from']} ({hold['disturbed']} of {hold['records']} records)"


def _audit_line(item: "AuditLine") -> str:
    detail = f" [{item['detail']}]" if item["detail"] else ""
    return (
        f"{item['at']} {item['actor']}: {item['action']} {item['centre']}: {item['reason']}{detail}"
    )


def _evidence_line(item: "Evidence") -> str:
    return f"fork {item['fork']} {item['role']:<8} number {item['number']} sha256 {item['hash']}"
