"""`bri hub story`: which records tell the same, and what an editor of the hub decides about it."""

from typing import TYPE_CHECKING, Annotated

import typer

from bri_cli import options
from bri_cli.authorised import decide
from bri_cli.outcome import DONE
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from bri_client import Call
    from bri_client.documents import StoryMember

app = typer.Typer(rich_markup_mode=None, help="See and decide which records tell the same.")

Record = Annotated[str, typer.Argument(help="A record's id.", metavar="RECORD-ID")]
Other = Annotated[str, typer.Argument(help="The other record's id.", metavar="OTHER-ID")]
Token = Annotated[str, typer.Option(envvar="BRI_TOKEN", help="An editor's token of the hub.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept, with who decided and when.")]
Lang = Annotated[str, typer.Option(help="The language of the titles.")]


@app.command("show")
def show(
    record: Record, lang: Lang = "en", hub: options.Hub = "", as_json: options.AsJson = False
) -> int:
    """List the other records that tell the same, found to do so or decided.

    Exit status: 1 where there is no such record, or the hub does not answer.
    """
    from bri_cli.remote import Remote
    from bri_client import hub as calls

    with Remote(hub or options.default_hub()) as remote:
        document = remote.page(calls.story(record, lang))
    if as_json:
        print_json(document)
        return DONE
    for each in document["items"]:
        print(_line(each))
    if not document["items"]:
        print(f"no other record tells what {record} tells")
    return DONE


@app.command("join")
def join(
    record: Record,
    other: Other,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Show two records on one card from now on, whatever is found.

    \b
    Example:
      bri hub story join sco:01JD4X… asean:01JD5Y… --reason "the same law, translated"

    Exit status: 1 where the hub refuses, for example because it was decided so already.
    """
    from bri_client import hub as calls

    return _decide(hub, token, reason, calls.join_story(record, other, reason), as_json)


@app.command("split")
def split(
    record: Record,
    other: Other,
    reason: Reason,
    hub: options.Hub = "",
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Never show two records on one card from now on, whatever is found.

    Exit status: as of 'bri hub story join'.
    """
    from bri_client import hub as calls

    return _decide(hub, token, reason, calls.part_story(record, other, reason), as_json)


def _decide(hub: str, token: str, reason: str, call: "Call[dict[str, str]]", as_json: bool) -> int:
    decide(hub, token, reason, call, _decision_line, as_json)
    return DONE


def _decision_line(decided: dict[str, str]) -> str:
    return f"{decided['id']} and {decided['other']} are {decided['decision']}"


def _line(each: "StoryMember") -> str:
    return f"{each['id']} {each['linked']:<8} {','.join(each['languages'])} {each['title']}"
