"""`bri source`: what a centre harvests."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bri_cli import options
from bri_cli.authorised import need_token
from bri_cli.outcome import DONE, NEGATIVE, NotBegun
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from bri_client import Call
    from bri_client.call import Result

app = typer.Typer(rich_markup_mode=None, help="Harvest what a centre already has elsewhere.")

KINDS = ("feed", "oai", "wordpress", "page", "table")
_EVERY = re.compile(r"(\d{1,6})(m|h|d)")
_MINUTES = {"m": 1, "h": 60, "d": 60 * 24}
_WAIT_SECONDS = 900.0
_POLL_SECONDS = 0.5

Name = Annotated[str, typer.Argument(help="The source's name: small letters, digits, hyphens.")]
To = Annotated[str, typer.Option("--to", help="The platform's address.", metavar="URL")]
Token = Annotated[str, typer.Option(envvar="BRI_TOKEN", help="An editor's token of that centre.")]
Publish = Annotated[
    bool, typer.Option("--publish/--draft", help="Publish what comes, or make drafts.")
]

_EXAMPLES = """\b
Examples:
  bri source add news --url https://example.org/rss.xml --to http://127.0.0.1:8001
  bri source add cases --kind table --url https://example.org/cases.xlsx \\
    --mapping cases.toml --record-kind case --every 1d --to http://127.0.0.1:8001
  bri source add site --kind wordpress --url https://example.org --publish \\
    --to http://127.0.0.1:8001
"""


@app.command("add", epilog=_EXAMPLES)
def add(
    name: Name,
    url: Annotated[str, typer.Option(help="What is read.")],
    to: To,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "feed",
    every: Annotated[str, typer.Option(help="How often: 30m, 6h, 1d.")] = "1h",
    publish: Publish = False,
    record_kind: Annotated[str, typer.Option(help="What kind of records these are.")] = "news",
    language: Annotated[str, typer.Option(help="Where the source does not say it.")] = "",
    country: Annotated[list[str] | None, typer.Option(help="Of all records; repeatable.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Of all records; repeatable.")] = None,
    source_name: Annotated[str, typer.Option(help="Who publishes it, for readers.")] = "",
    mapping: Annotated[Path | None, typer.Option(help="A table's mapping file (TOML).")] = None,
    links: Annotated[str, typer.Option(help="A pattern of a list page's articles.")] = "",
    oai_set: Annotated[str, typer.Option("--set", help="An OAI-PMH set.")] = "",
    paused: Annotated[bool, typer.Option("--paused", help="Read only when asked to.")] = False,
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Have a source read on a schedule.

    Exit status: 1 where the platform refuses, 2 where nothing was asked.
    """
    from bri_client import sources

    document = {
        "name": name, "kind": kind, "url": url, "every_minutes": _minutes(every),
        "publish": publish, "record_kind": record_kind, "language": language,
        "countries": country or [], "topics": topic or [], "source_name": source_name,
        "mapping": _text(mapping) if mapping is not None else "",
        "links": links, "set": oai_set, "paused": paused,
    }  # fmt: skip
    answer = _ask(to, token, sources.add(document))
    return _tell(answer, f"{name} is added; it is read {_when(answer)}", as_json)


@app.command("list")
def list_(to: To, token: Token = "", as_json: options.AsJson = False) -> int:
    """List the sources with how their last reading went.

    Exit status: 1 where the last reading of one failed.
    """
    from bri_cli.remote import Remote
    from bri_client import sources

    need_token(token)
    with Remote(to, token) as remote:
        document = remote.page(sources.sources())
    if as_json:
        print_json(document)
    else:
        for item in document["items"]:
            _print_source(item)
    return NEGATIVE if any(_failed(item) for item in document["items"]) else DONE


@app.command("run")
def run(
    name: Name,
    to: To,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Until it was read.")] = True,
    token: Token = "",
    as_json: options.AsJson = False,
) -> int:
    """Read a source now.

    Exit status: 1 where it could not be read.
    """
    from bri_client import sources

    before = _ask(to, token, sources.source(name))
    answer = _ask(to, token, sources.run(name))
    if not wait:
        return _tell(answer, f"{name} will be read in a moment", as_json)
    answer = _await(to, token, name, before["ran_at"])
    if as_json:
        print_json(answer)
    else:
        _print_source(answer)
    return NEGATIVE if _failed(answer) else DONE


@app.command("remove")
def remove(name: Name, to: To, token: Token = "") -> int:
    """Read a source no more. Its records stay as they are.

    Exit status: 1 where there is none of this name.
    """
    from bri_client import sources

    _ask(to, token, sources.remove(name))
    print(f"{name} is removed; its records stay")
    return DONE


def _ask(to: str, token: str, call: "Call[Result]") -> "Result":
    from bri_cli.remote import Remote

    need_token(token)
    with Remote(to, token) as remote:
        return remote.ask(call)


def _await(to: str, token: str, name: str, before: str | None) -> dict[str, Any]:
    """The source once it was read after `before`."""
    import time

    from bri_client import sources

    ends_at = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < ends_at:
        answer = _ask(to, token, sources.source(name))
        if answer["ran_at"] != before:
            return answer
        time.sleep(_POLL_SECONDS)
    raise NotBegun(f"{name} was not read within {_WAIT_SECONDS:g} s; see 'bri source list'")


def _minutes(text: str) -> int:
    found = _EVERY.fullmatch(text.strip())
    if found is None:
        raise NotBegun(f"--every {text!r} is not a time such as 30m, 6h or 1d")
    return int(found[1]) * _MINUTES[found[2]]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotBegun(f"{path} cannot be read: {error}") from None


def _tell(answer: dict[str, Any], line: str, as_json: bool) -> int:
    if as_json:
        print_json(answer)
    else:
        print(line)
    return DONE


def _failed(item: dict[str, Any]) -> bool:
    return bool(item["last"].get("failed"))


def _when(item: dict[str, Any]) -> str:
    return "when asked to" if item["paused"] else f"every {item['every_minutes']} minutes"


def _print_source(item: dict[str, Any]) -> None:
    print(f"{item['name']:<16} {item['kind']:<10} {item['items']} records, {_last_line(item)}")
    for fault in item["last"].get("faults", [])[:5]:
        place = f"{fault['place']}: " if fault["place"] else ""
        print(f"  {fault['code']}: {place}{fault['detail']}")


def _last_line(item: dict[str, Any]) -> str:
    last = item["last"]
    if not last:
        return "not read yet"
    names = ("new", "revised", "unchanged", "renamed", "duplicates", "proposed")
    counts = ", ".join(f"{last[name]} {name}" for name in names if last[name])
    return f"{'FAILED' if last['failed'] else 'read'} {item['ran_at']}: {counts or 'nothing new'}"
