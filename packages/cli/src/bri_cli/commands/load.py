"""`bri import`: files of records into a centre's platform."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bri_cli import options
from bri_cli.authorised import need_token
from bri_cli.outcome import DONE, NEGATIVE, CommandFailed, NotBegun

if TYPE_CHECKING:
    from bri_cli.bringing import NotATable
    from bri_cli.importing import Tally

SHOWN_REJECTIONS = 100


def load(
    files: Annotated[list[str], typer.Argument(help="NDJSON or JSON, or a table with --mapping.")],
    to: Annotated[str, typer.Option("--to", help="The platform's address.", metavar="URL")],
    token: Annotated[
        str, typer.Option(envvar="BRI_TOKEN", help="An editor's token of that centre.")
    ] = "",
    publish: Annotated[
        bool, typer.Option("--publish/--draft", help="Publish at once, or keep as drafts.")
    ] = True,
    mapping: Annotated[
        Path | None, typer.Option(help="What is where in a CSV, XLSX or NDJSON table (TOML).")
    ] = None,
    source: Annotated[
        str, typer.Option(help="What a table's records belong to; else its file's name.")
    ] = "",
    whole: Annotated[
        bool, typer.Option("--whole", help="Propose to withdraw what a table holds no longer.")
    ] = False,
    as_json: options.AsJson = False,
) -> int:
    """Import records into a centre's platform.

    A record that breaks a rule is rejected by itself, and told with its place and the reason. A
    table is imported whole or not at all; rows that were imported before are recognised.

    \b
    Examples:
      bri import records.ndjson --to http://127.0.0.1:8001 --token "$TOKEN"
      bri import cases.xlsx --mapping cases.toml --to http://127.0.0.1:8001
      zcat old.ndjson.gz | bri import - --to http://127.0.0.1:8001 --draft

    Exit status: 0 all imported, 1 some rejected or the line broke on the way, 2 nothing was done.
    """
    from bri_cli.importing import Tally

    need_token(token)
    if mapping is not None:
        return _bring(files, mapping, source, to, token, publish, whole, as_json)
    tally = Tally()
    failure = _import(files, to, token, publish, tally)
    if failure is not None and not tally.ids and not tally.rejections:
        raise NotBegun(str(failure))
    _report(tally, str(failure) if failure else "", as_json)
    if failure is not None:
        raise failure
    return NEGATIVE if tally.rejections else DONE


def _import(
    files: list[str], to: str, token: str, publish: bool, tally: "Tally"
) -> CommandFailed | None:
    """What ended the import early, if anything did."""
    from bri_cli import feed, importing
    from bri_cli.progress import progress_bar
    from bri_cli.remote import Remote

    try:
        sizes = [feed.size_of(name) for name in files]
        with Remote(to, token) as remote:
            for name, size in zip(files, sizes, strict=True):
                with progress_bar(name, size) as advance:
                    importing.send(
                        remote, feed.items(name), publish, tally, lambda t: advance(t.position)
                    )
    except CommandFailed as failed:
        return failed
    return None


def _report(tally: "Tally", failure: str, as_json: bool) -> None:
    if as_json:
        rejected = [{"place": each.place, "reason": each.reason} for each in tally.rejections]
        document = {"imported": len(tally.ids), "ids": tally.ids, "rejected": rejected}
        print(json.dumps(document | ({"failure": failure} if failure else {}), ensure_ascii=False))
        return
    for each in tally.rejections[:SHOWN_REJECTIONS]:
        typer.echo(f"{each.place}: {each.reason}", err=True)
    more = len(tally.rejections) - SHOWN_REJECTIONS
    if more > 0:
        typer.echo(f"… and {more} more", err=True)
    print(f"{len(tally.ids)} imported, {len(tally.rejections)} rejected")


def _bring(
    files: list[str],
    mapping: Path,
    source: str,
    to: str,
    token: str,
    publish: bool,
    whole: bool,
    as_json: bool,
) -> int:
    from bri_cli import bringing
    from bri_cli.remote import Remote

    if len(files) != 1 or files == ["-"]:
        raise NotBegun("with --mapping one file is imported at a time")
    path, known = Path(files[0]), bringing.mapping_of(mapping)
    name = source or re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:60] or "table"
    try:
        with Remote(to, token) as remote:
            done = bringing.bring(remote, path, known, name, publish=publish, whole=whole)
    except bringing.NotATable as failed:
        _print_faults(failed, as_json)
        raise
    if as_json:
        print(json.dumps(done, ensure_ascii=False))
    else:
        counts = ("new", "revised", "unchanged", "renamed", "duplicates", "proposed")
        print(f"{name}: " + ", ".join(f"{done[each]} {each}" for each in counts))
    return DONE


def _print_faults(failed: "NotATable", as_json: bool) -> None:
    if as_json:
        faults = [{"place": each.place, "reason": each.detail} for each in failed.faults]
        print(json.dumps({"imported": 0, "ids": [], "rejected": faults}, ensure_ascii=False))
        return
    for each in failed.faults[:SHOWN_REJECTIONS]:
        typer.echo(f"{each.place}: {each.detail}" if each.place else each.detail, err=True)
