"""What a federation needs once: its centres admitted at the hub, and its samples loaded.

Run as `python -m bri_cli.prepare DATA PORT_BASE HOST CENTRE… [samples] [search]` beside services
that are starting; it prints what it did, a line each. With `search` it waits until the samples are
found. It is a process of its own because databases are heavy to import, and the supervisor that
wants this done lives for months.

Rules: everything here may be repeated, also for some of the centres; the mark that samples are
loaded is set when all nodes hold all of them; the tokens that loading them takes do not outlive it.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bri_cli import samples
from bri_cli.acquaintance import introduce
from bri_cli.layout import PLATFORMS, Layout
from bri_cli.outcome import CommandFailed
from bri_cli.remote import Remote
from bri_client import node as at_node
from bri_client.standings import Centre
from bri_kit.authority import Authority

POLL_SECONDS = 0.05
START_SECONDS = 60.0
SAMPLES = "samples"
SEARCH = "search"
TOKEN_LIFE = timedelta(hours=1)


def prepare(layout: Layout, codes: Sequence[str], *, with_samples: bool, search: bool) -> None:
    """Admit these centres, and load their samples where they are wanted; `search` says whether
    there is one that will show them.

    Raises:
        CommandFailed: a service does not answer, or refuses.
    """
    from bri_hub.admission import admit  # heavy: while this loads, the services do too

    with Remote(layout.url("hub")) as hub:
        _await(lambda: hub.ask(at_node.alive()))
    for centre in [_introduction(layout, code) for code in codes]:
        admit(layout.folder("hub"), centre)
    _note_credentials(layout)
    if with_samples:
        _load_samples(layout, codes, search=search)


def _note_credentials(layout: Layout) -> None:
    """Have the hub know the platforms' credentials, so that its admin can end them."""
    from bri_hub.credentials import give
    from bri_hub.tables import open_database
    from bri_kit import database

    authority = Authority(layout.folder("hub"))
    engine = open_database(layout.folder("hub"))
    try:
        with database.writing(engine) as session:
            for code in PLATFORMS:
                give(session, authority, code, layout.credentials(code))
    finally:
        engine.dispose()


def _introduction(layout: Layout, code: str) -> dict[str, Any]:
    with Remote(layout.url(code)) as node:
        centre: Centre = _await(lambda: node.ask(at_node.centre()))
    return introduce(centre, layout.url(code))


def _await(ask: Callable[[], Any]) -> Any:
    """The first answer of a service that is starting. Raises CommandFailed where none comes."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return ask()
        except CommandFailed:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)


def _load_samples(layout: Layout, codes: Sequence[str], *, search: bool) -> None:
    loaded: list[str] = []
    complete = set(codes) == set(PLATFORMS)
    for code in codes:
        with (
            _passing_token(layout.folder(code), code) as token,
            Remote(layout.url(code), token) as node,
        ):
            tally = samples.load(node, samples.read(code))
        _say(f"loaded {len(tally.ids)} samples into {code}")
        for each in tally.rejections:
            _say(f"{code} rejected the sample {each.place}: {each.reason}")
        complete = complete and not tally.rejections
        loaded += tally.ids
    if search:
        samples.await_shown(layout, loaded, _say, codes)
    if complete:
        layout.samples_mark.touch()


@contextmanager
def _passing_token(folder: Path, code: str) -> Iterator[str]:
    """An editor's token that is revoked at the end, and expires should this process be killed."""
    from bri_kit import clock
    from bri_kit.auth import Role
    from bri_node.tokens import tokens_of

    with tokens_of(folder, code) as tokens:
        expiry = clock.rfc3339(clock.now() + TOKEN_LIFE)
        token = tokens.issue(Role.EDITOR, samples.TOKEN_NAME, expiry)
        try:
            yield token
        finally:
            tokens.revoke(token)


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    """Read the command line of this process."""
    data, port_base, host, *wanted = sys.argv[1:]
    try:
        prepare(
            Layout(Path(data), int(port_base), host),
            [code for code in PLATFORMS if code in wanted],
            with_samples=SAMPLES in wanted,
            search=SEARCH in wanted,
        )
    except CommandFailed as failed:
        sys.exit(str(failed))


if __name__ == "__main__":
    main()
