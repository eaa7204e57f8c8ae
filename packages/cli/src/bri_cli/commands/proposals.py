"""`bri source proposals`: what a centre's sources propose, and what becomes of it."""

from typing import Annotated, Any

import typer

from bri_cli import options
from bri_cli.authorised import need_token
from bri_cli.commands.source import To, Token
from bri_cli.outcome import DONE
from bri_cli.screen import print_json


def proposals(
    to: To,
    source: Annotated[str, typer.Option(help="Only of this source.")] = "",
    accept: Annotated[list[int] | None, typer.Option(help="Do this one; repeatable.")] = None,
    refuse: Annotated[list[int] | None, typer.Option(help="Leave this one; repeatable.")] = None,
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """List what sources propose, or decide it.

    \b
    Examples:
      bri source proposals --to http://127.0.0.1:8001
      bri source proposals --accept 3 --refuse 4 --to http://127.0.0.1:8001

    Exit status: 1 where the platform refuses.
    """
    from bri_cli.remote import Remote
    from bri_client import sources as calls

    need_token(token)
    with Remote(to, token) as remote:
        decided = [remote.ask(calls.accept(number)) for number in accept or ()]
        decided += [remote.ask(calls.refuse(number)) for number in refuse or ()]
        items = decided or remote.page(calls.proposals(source))["items"]
    if as_json:
        print_json({"items": items})
        return DONE
    for each in items:
        print(_decided_line(each) if decided else _proposal_line(each))
    if not items:
        print("nothing is proposed")
    return DONE


def _proposal_line(each: dict[str, Any]) -> str:
    what = f"{each['id']:>6} {each['action']:<8} {each['record']} ({each['state']})"
    return f"{what} {each['title']} [{each['source']}: {each['reason']}]"


def _decided_line(each: dict[str, Any]) -> str:
    return f"{each['id']:>6} {each['decision']}: {each['record']}"
