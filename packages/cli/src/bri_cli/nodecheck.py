"""What `bri node check` looks at: whether a centre's node can do its work, and what is in the way.

Rules:
- nothing is changed, and the node may run meanwhile or not;
- before joining, what only joining gives is a warning; after it, its lack is a failure.
"""

import asyncio
import importlib.metadata
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import nats.errors
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError

from bri_cli.checkup import MAX_SKEW_SECONDS, Finding, Level, check_disk
from bri_cli.layout import Layout
from bri_kit import claims, logging, transport
from bri_kit.access import Access
from bri_kit.authority import CREDENTIALS
from bri_kit.claims import ClaimUnreadable, User
from bri_kit.ending import end
from bri_kit.signing import KeyFileUnreadable
from bri_kit.unusable import DatabaseUnusable
from bri_node.configuration import CA, NAME, Configuration, ConfigurationBroken, read
from bri_node.keys import KeyLost
from bri_node.membership import identify

_SECONDS = 8.0
_ANSWER_SECONDS = 3.0
_SOON_SECONDS = 30 * 24 * 3600
_OLDEST_BROKER = (2, 12)


@dataclass(frozen=True, slots=True)
class Line:
    """What came of dialling: `problem` is empty where the broker let us in; `receipts` is the hub's
    own answer, None where none came."""

    problem: str
    version: tuple[int, int] | None = None
    receipts: log_pb2.Receipts | None = None


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
    yield _check_clock(configuration)
    if not configuration.address:
        hint = "write the address of the hub into node.toml"
        yield Finding("line", Level.WARN, "no hub is named, so nothing is delivered", hint)
        return
    with logging.silence():
        line = asyncio.run(_dial(configuration))
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
    url = _http_address(configuration)
    if not url:
        return Finding("clock", Level.WARN, "no address of the hub tells the time", "see 'line'")
    try:
        with httpx.Client(verify=_access(configuration).tls(), timeout=5) as client:
            said = parsedate_to_datetime(client.get(url).headers["date"])
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
        return Finding("clock", Level.WARN, f"{url} did not tell the time: {error}", "see 'line'")
    skew = abs(time.time() - said.timestamp())
    if skew > MAX_SKEW_SECONDS:
        hint = "set the clock, for example by NTP: credentials and entries carry times"
        return Finding("clock", Level.WARN, f"{skew:.0f} s from the hub's", hint)
    return Finding("clock", Level.OK, f"within {max(1, round(skew))} s of the hub's")


def _http_address(configuration: Configuration) -> str:
    scheme, _, rest = configuration.address.partition("://")
    if scheme in ("wss", "ws"):
        return f"{'https' if scheme == 'wss' else 'http'}://{rest}"
    return configuration.settings().hub_url


def _access(configuration: Configuration) -> Access:
    settings = configuration.settings()
    return Access(settings.nats_credentials, configuration.profile.code, settings.nats_ca)


async def _dial(configuration: Configuration) -> Line:
    """Dial once: what goes wrong is told, not tried again."""
    code = configuration.profile.code
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def hear(problem: str) -> None:
        if problem and not heard.done():
            heard.set_result(problem)

    dialling = asyncio.create_task(
        transport.connect(
            configuration.address,
            f"check-{code}",
            access=_access(configuration),
            on_problem=hear,
        )
    )
    either: set[asyncio.Future[Any]] = {dialling, heard}
    try:
        await asyncio.wait(either, timeout=_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if dialling.done():
            return await _ask(dialling.result(), code)
        return Line(heard.result() if heard.done() else f"no answer within {_SECONDS:g} s")
    except (OSError, ValueError, nats.errors.Error) as error:
        return Line(transport.explain(error))
    finally:
        await end(dialling)


async def _ask(client: transport.Connection, code: str) -> Line:
    """What the hub says of us."""
    receipts = None
    try:
        request = log_pb2.ReceiptsRequest(after=0).SerializeToString()
        subject = transport.ask_subject(code)
        answer = await client.request(subject, request, timeout=_ANSWER_SECONDS)
        receipts = log_pb2.Receipts.FromString(answer.data)
    except (nats.errors.Error, DecodeError):
        pass
    finally:
        broker = client.connected_server_version
        await client.close()
    return Line("", (broker.major, broker.minor), receipts)


def _check_line(configuration: Configuration, line: Line, user: User | None) -> Finding:
    address = configuration.address
    if not line.problem:
        return Finding("line", Level.OK, address)
    if "credentials" not in line.problem:
        hint = "see the address, the firewall (outgoing), and the certificates in "
        hint += str(configuration.folder / CA)
        return Finding("line", Level.FAIL, f"{address}: {line.problem}", hint)
    if user is None:
        return Finding(
            "line", Level.OK, f"{address} answers, and lets nobody in who has not joined"
        )
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
