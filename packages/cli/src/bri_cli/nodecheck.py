"""What `bri node check` looks at: whether a centre's node can do its work, and what is in the way.

Rules:
- nothing is changed, and the node may run meanwhile or not;
- before joining, what only joining gives is a warning; after it, its lack is a failure;
- a line that is not there is told within seconds, and nothing is asked over it.
"""

import asyncio
import importlib.metadata
import platform
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from bri_cli import nodeline
from bri_cli.checkup import Finding, Level, check_disk, compare_clock
from bri_cli.layout import Layout
from bri_cli.nodeline import Line
from bri_kit import claims, complaints, logging
from bri_kit.authority import CREDENTIALS
from bri_kit.claims import ClaimUnreadable, User
from bri_kit.signing import KeyFileUnreadable
from bri_kit.unusable import DatabaseUnusable
from bri_node.configuration import CA, NAME, Configuration, ConfigurationBroken, read
from bri_node.keys import KeyLost
from bri_node.membership import identify

_SUSPENDED = "suspended"
_SOON_SECONDS = 30 * 24 * 3600
_OLDEST_BROKER = (2, 12)


def examine(data: Path) -> Iterator[Finding]:
    """Look at everything."""
    try:
        configuration = read(data / NAME)
        configuration.settings()
    except ConfigurationBroken as error:
        yield Finding("file", Level.FAIL, str(error), "mend it by hand")
        return
    yield Finding("file", Level.OK, str(configuration.path))
    yield _check_data(configuration)
    yield check_disk(Layout(data))
    user, finding = _check_credentials(configuration)
    yield finding
    if not configuration.address:
        hint = "write the address of the hub into node.toml"
        yield Finding("line", Level.WARN, "no hub is named, so nothing is delivered", hint)
        return
    if problem := nodeline.reach(configuration.address):
        # What cannot be reached does not tell the time either, and would be waited for.
        yield _check_line(configuration, Line(problem), user)
        yield _check_versions(Line(problem))
        return
    yield _check_clock(configuration)
    with logging.silence():
        line = asyncio.run(nodeline.dial(configuration))
    yield _check_line(configuration, line, user)
    yield _check_versions(line)
    if user is not None and not line.problem:
        yield from _check_hub(line)


def _check_data(configuration: Configuration) -> Finding:
    try:
        identity = identify(configuration)
    except DatabaseUnusable as reason:
        return Finding("data", Level.FAIL, str(reason), "run the software that wrote it")
    except (KeyLost, KeyFileUnreadable, OSError) as reason:
        return Finding("data", Level.FAIL, str(reason), "put the key back from a backup")
    return Finding("data", Level.OK, f"key {identity.public}")


def _check_credentials(configuration: Configuration) -> tuple[User | None, Finding]:
    path = configuration.folder / CREDENTIALS
    name = "credentials"
    again = "ask for new ones: 'bri node request', and 'bri node join' with the answer"
    try:
        user = claims.read_user(claims.claim_in(path.read_text()))
    except FileNotFoundError:
        hint = "send the join request to the hub's operator, then 'bri node join' the answer"
        return None, Finding(name, Level.WARN, "the centre has not joined yet", hint)
    except (OSError, UnicodeDecodeError, ClaimUnreadable) as error:
        return None, Finding(name, Level.FAIL, f"{path}: {error}", again)
    if path.stat().st_mode & 0o077:
        hint = f"chmod 600 {path}"
        return user, Finding(name, Level.WARN, f"others on this machine can read {path}", hint)
    if user.expires is None:
        return user, Finding(name, Level.OK, "until they are revoked")
    until = datetime.fromtimestamp(user.expires, UTC).strftime("until %Y-%m-%d %H:%M UTC")
    left = user.expires - time.time()
    if left <= 0:
        return user, Finding(name, Level.FAIL, f"expired: they held {until}", again)
    return user, Finding(name, Level.OK if left > _SOON_SECONDS else Level.WARN, until, again)


def _check_clock(configuration: Configuration) -> Finding:
    """Against the Date that the hub's machine says, whatever it answers."""
    url = nodeline.http_address(configuration)
    if not url:
        return Finding("clock", Level.WARN, "no address of the hub tells the time", "see 'line'")
    try:
        with httpx.Client(verify=nodeline.access(configuration).tls(), timeout=5) as client:
            said = parsedate_to_datetime(client.get(url).headers["date"])
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
        return Finding("clock", Level.WARN, f"{url} did not tell the time: {error}", "see 'line'")
    return compare_clock(said, "credentials and entries carry times")


def _check_line(configuration: Configuration, line: Line, user: User | None) -> Finding:
    address = configuration.address
    if not line.problem:
        return Finding("line", Level.OK, address)
    if not complaints.is_shown_out(line.problem):
        hint = "see the address, the firewall (outgoing), and the certificates in "
        hint += str(configuration.folder / CA)
        return Finding("line", Level.FAIL, f"{address}: {line.problem}", hint)
    if user is None:
        return Finding(
            "line", Level.OK, f"{address} answers, and lets nobody in who has not joined"
        )
    if nodeline.standing(configuration) == _SUSPENDED:
        problem = "the hub has suspended this centre, and its credentials are revoked"
        hint = "ask the hub's operator why; nothing is delivered until the centre is restored"
        return Finding("line", Level.FAIL, f"{address}: {problem}", hint)
    hint = "ask the hub's operator; 'bri node request' asks for new ones"
    return Finding("line", Level.FAIL, f"{address}: {line.problem}", hint)


def _check_versions(line: Line) -> Finding:
    ours = f"bri {importlib.metadata.version('bri-cli')}, Python {platform.python_version()}"
    if line.version is None:
        return Finding("versions", Level.OK, ours)
    detail = f"{ours}, the hub's broker {line.version[0]}.{line.version[1]}"
    if line.version < _OLDEST_BROKER:
        return Finding("versions", Level.WARN, detail, "ask the hub's operator for 2.12 or newer")
    return Finding("versions", Level.OK, detail)


def _check_hub(line: Line) -> Iterator[Finding]:
    if line.receipts is None:
        hint = "the broker is there, the hub is not: wait, or ask its operator"
        yield Finding("hub", Level.WARN, "the hub does not answer", hint)
        return
    if not line.receipts.centre:
        hint = "ask its operator to admit the centre"
        yield Finding("hub", Level.FAIL, "the hub does not know this centre", hint)
        return
    yield Finding("hub", Level.OK, "the hub answers")
    head = line.receipts.head
    if head:
        yield Finding("first record", Level.OK, f"seen at the hub, which has {head} entries")
    else:
        hint = "publish one; the node must run for it to be delivered"
        yield Finding("first record", Level.WARN, "the hub has none of this centre yet", hint)
