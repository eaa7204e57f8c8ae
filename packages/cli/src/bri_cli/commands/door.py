"""`bri hub`, as far as it is about who is let in: admission, and its end."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bri_cli import files, options
from bri_cli.authorised import decide, need_token
from bri_cli.commands.hub import Code, Reason, Token
from bri_cli.outcome import DONE, NEGATIVE
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from bri_client import Call
    from bri_client.standings import Decided


def admit(
    file: Annotated[Path, typer.Argument(help="The centre's join request; '-' reads it.")],
    hub: options.Hub = "",
    token: Token = "",
    out: Annotated[
        Path | None, typer.Option(help="Where to write the answer; else CODE.admission.json.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=0, max=3_650, help="How long it holds; 0 is until revoked.")
    ] = 0,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: options.AsJson = False,
) -> int:
    """Look at a centre's join request, let the centre take part, and write the answer for it.

    Compare the key that is shown with the one that the centre told you by another way. The answer
    holds no secret: it is of use to that centre alone.

    \b
    Example:
      bri hub admit kz-igtic.join-request.json

    Exit status: 1 where the request cannot be granted or you say no, 2 without a token.
    """
    from bri_cli.remote import Remote
    from bri_client import admin

    need_token(token, hub=True)
    text = files.read(file)
    with Remote(hub or options.default_hub(), token) as remote:
        request = remote.ask(admin.consider(text))
        if not as_json:
            _show(request)
        if not yes and not typer.confirm(f"Admit {request['code']}?"):
            return NEGATIVE
        admitted = remote.ask(admin.admit(text, days))
    target = out or Path(f"{admitted['code']}.admission.json")
    files.write(target, admitted["letter"])
    if as_json:
        told = {name: each for name, each in admitted.items() if name != "letter"}
        print_json({**told, "file": str(target)})
    elif target != files.STANDARD:
        print(f"{admitted['code']} is admitted; give it {target} ('bri node join')")
    return DONE


def revoke(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """End a centre's credentials: its connections are cut at once, and it is suspended.

    What it published stays at the hub, unseen; 'bri hub restore' undoes all of it.

    Exit status: 1 where the hub refuses, or the broker could not be told yet.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.revoke(code, reason), as_json)


def restore(
    code: Code,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Have a revoked centre's credentials hold again, and show it.

    Exit status: as of 'bri hub revoke'.
    """
    from bri_client import admin

    return _decide(hub, token, reason, admin.restore(code, reason), as_json)


def _decide(hub: str, token: str, reason: str, call: "Call[Decided]", as_json: bool) -> int:
    document = decide(hub, token, reason, call, _state_line, as_json)
    if document.get("told"):
        return DONE
    print("the broker does not answer; the hub tells it as soon as it does", file=sys.stderr)
    return NEGATIVE


def _state_line(decided: "Decided") -> str:
    return f"{decided['code']} is {decided['state']}"


def _show(request: Mapping[str, Any]) -> None:
    names = "; ".join(f"{tag}: {name}" for tag, name in request["names"].items())
    lines: Sequence[tuple[str, str]] = (
        ("centre", f"{request['code']} ({names})"),
        ("languages", ", ".join(request["languages"])),
        ("publishes in", ", ".join(request["edition_languages"])),
        ("countries", ", ".join(request["countries"]) or "-"),
        ("contact", request["contact"] or "-"),
        ("address", request["url"] or "-"),
        ("key", request["public_key"]),
        ("made at", request["made_at"]),
    )
    for label, value in lines:
        print(f"{label:<13} {value}")
    for remark in request["remarks"]:
        print(f"note          {remark}")
