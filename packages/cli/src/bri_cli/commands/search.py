"""`bri search`: asks the hub, and prints hits for people or the hub's answer for programs."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bri_cli import options
from bri_cli.outcome import DONE, NotBegun
from bri_cli.screen import print_json

Many = list[str] | None
_UNPROCESSABLE = 422


Words = Annotated[str, typer.Argument(help="Words in any language; '' lists everything.")]
Lang = Annotated[str, typer.Option(help="Your language: zh, en, ru.", metavar="TAG")]
Country = Annotated[Many, typer.Option(help="About this country, e.g. KZ (repeatable).")]
Kind = Annotated[Many, typer.Option(help="news, policy, case, cooperation, technology.")]
Centre = Annotated[Many, typer.Option(help="Published by this centre, e.g. sco.")]
Topic = Annotated[Many, typer.Option(help="On this topic, e.g. solid-waste.")]
Edition = Annotated[Many, typer.Option(help="Has an edition in this language.")]
Since = Annotated[str, typer.Option("--from", help="Of this date or later.", metavar="DATE")]
Until = Annotated[str, typer.Option("--to", help="Of this date or earlier.", metavar="DATE")]
Sort = Annotated[str, typer.Option(help="relevance or newest.")]
Limit = Annotated[int, typer.Option(help="At most this many hits (up to 100).")]
Offset = Annotated[int, typer.Option(help="Pass over this many hits first.")]


def search(
    query: Words = "",
    lang: Lang = "en",
    country: Country = None,
    kind: Kind = None,
    centre: Centre = None,
    topic: Topic = None,
    edition: Edition = None,
    since: Since = "",
    until: Until = "",
    sort: Sort = "",
    limit: Limit = 10,
    offset: Offset = 0,
    hub: options.Hub = "",
    as_json: options.AsJson = False,
) -> int:
    """Search everything that all centres published.

    \b
    Examples:
      bri search 固体废物 --lang en
      bri search "recycled aluminium" --country KH --kind news
      bri search "качество воздуха" --lang ru --sort newest --json

    Exit status: 0 also without hits, 1 where the hub cannot be reached, 2 on wrong usage.
    """
    filters = {"country": country, "kind": kind, "centre": centre, "topic": topic}
    lists = {name: values or () for name, values in {**filters, "edition": edition}.items()}
    page = {"since": since, "until": until, "sort": sort, "limit": limit, "offset": offset}
    question: dict[str, Any] = {**lists, **page}
    answer = _ask(hub or options.default_hub(), query, lang, question)
    if as_json:
        print_json(answer)
    else:
        from bri_cli.hits import print_hits

        print_hits(query, answer)
    return DONE


def _ask(url: str, words: str, lang: str, question: dict[str, Any]) -> Mapping[str, Any]:
    from bri_cli.remote import Refused, Remote
    from bri_client import hub

    try:
        with Remote(url) as remote:
            return remote.page(hub.search(words, lang, **question))
    except Refused as refused:
        if refused.code == _UNPROCESSABLE:
            raise NotBegun(str(refused)) from None
        raise
