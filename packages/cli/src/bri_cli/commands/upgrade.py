"""`bri upgrade`: databases brought to another revision by hand; services do it when they start."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bri_cli import options
from bri_cli.outcome import DONE, NotBegun

if TYPE_CHECKING:
    from bri_cli.layout import Layout


def upgrade(
    data: options.Data = Path("var"),
    to: Annotated[
        str, typer.Option(metavar="VERSION", help="A version of data, also an earlier one.")
    ] = "",
    as_json: options.AsJson = False,
) -> int:
    """Bring the databases of a data folder to this version while nothing runs on it.

    Services do that when they start; this is for doing it before, and for going back to the former
    version, which loses what only the newer one kept. Make a backup first.

    \b
    Examples:
      bri upgrade --data /srv/bri
      bri upgrade --data /srv/bri --to 1

    Exit status: 2 where the folder is in use, a database is newer, or a step failed; that
    database is as it was.
    """
    from bri_cli import layout

    version = to or layout.DATA_VERSION
    if version not in layout.REVISIONS:
        raise NotBegun(f"there is no version {to!r}; known are {', '.join(layout.REVISIONS)}")
    stepped = _step(layout.Layout(data.absolute()), version)
    if as_json:
        print(json.dumps(stepped))
        return DONE
    for name, (before, after) in stepped.items():
        print(f"{name}: {f'{before} -> {after}' if before != after else f'is {after} already'}")
    return DONE


def _step(place: "Layout", version: str) -> dict[str, tuple[str, str]]:
    from bri_cli import layout, preflight
    from bri_cli.holdings import holdings
    from bri_kit import database, migrations

    found = holdings(place.data)
    lock = preflight.claim(place, version) if all(each.name for each in found) else None
    stepped = {}
    try:
        for each in found:
            engine = database.connect(each.address)
            try:
                step = migrations.migrate(engine, each.schema, layout.REVISIONS[version])
            finally:
                engine.dispose()
            stepped[each.name or each.schema.name] = (step.before, step.after)
    finally:
        if lock:
            lock.release()
    return stepped
