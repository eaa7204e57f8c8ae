"""The line from a centre's node to its hub, tried once: what goes wrong is told, not tried
again."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import nats.errors
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError

from bri_cli.outcome import CommandFailed
from bri_cli.remote import Remote
from bri_client import hub
from bri_kit import complaints, transport
from bri_kit.access import Access
from bri_kit.ending import end
from bri_node.configuration import Configuration

REACH_SECONDS = 3.0
_SECONDS = 8.0
_ANSWER_SECONDS = 3.0
_PORTS = {"wss": 443, "ws": 80}
_NATS_PORT = 4222


@dataclass(frozen=True, slots=True)
class Line:
    """What came of dialling: `problem` is empty where the broker let us in; `receipts` is the hub's
    own answer, None where none came."""

    problem: str
    version: tuple[int, int] | None = None
    receipts: log_pb2.Receipts | None = None


def reach(address: str) -> str:
    """Why nobody answers at an address at all; empty where somebody does."""
    parts = urlsplit(address)
    try:
        place = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, _NATS_PORT)
        socket.create_connection(place, timeout=REACH_SECONDS).close()
    except TimeoutError:
        return f"nobody answered within {REACH_SECONDS:g} s"
    except socket.gaierror as error:
        return f"there is no host of this name: {error.strerror}"
    except ValueError as error:
        return str(error)
    except OSError as error:
        return f"nobody answers there: {error.strerror}"
    return ""


def http_address(configuration: Configuration) -> str:
    """Where the hub's machine speaks HTTP; empty where that is not known."""
    scheme, _, rest = configuration.address.partition("://")
    if scheme in ("wss", "ws"):
        return f"{'https' if scheme == 'wss' else 'http'}://{rest}"
    return configuration.settings().hub_url


def access(configuration: Configuration) -> Access:
    """How the broker lets the node in."""
    settings = configuration.settings()
    return Access(settings.nats_credentials, configuration.profile.code, settings.nats_ca)


def standing(configuration: Configuration) -> str:
    """What the hub says in public of this centre: active, limited or suspended; empty where it says
    nothing."""
    try:
        with Remote(configuration.settings().hub_url) as remote:
            return str(remote.ask(hub.centre(configuration.profile.code))["state"])
    except CommandFailed:
        return ""


async def dial(configuration: Configuration) -> Line:
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
            access=access(configuration),
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
        return Line(complaints.explain(error))
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
