"""Asking other servers on behalf of a user, who may mean to have us ask our own.

Rules (CWE-918, server-side request forgery):
- only http and https, without a name and password in the address;
- a name is looked up once, every address that it has must be allowed, and the connection goes to
  one of exactly those, so that a name cannot mean something else a moment later;
- allowed is what the whole internet can reach: no private, loopback, link-local, multicast or
  reserved address, none of a cloud's own services, and none that carries such a one inside
  (IPv4-mapped, NAT64, 6to4, Teredo); networks named in the settings are allowed all the same;
- each redirect is judged like the first request, and there are few;
- an answer has a largest size and a latest time. Compressed ones are not asked for; one that comes
  as gzip all the same is unfolded, to no more than that size (`unfolding`), any other is not read;
- proxies and passwords of this process's environment are not used.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from bri_kit.addresses import Address, Network, is_in, parse_networks
from bri_kit.unfolding import Damaged, TooMuch, unfold

# Public by their number, and not by what answers there: a cloud's services, and what Python's own
# list (which differs between versions) may take for public.
_NEVER = parse_networks("168.63.129.16, 192.0.0.0/24, fec0::/10, 2001:2::/48, 100::/64")
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ip_network("::/96")
_IDENTITY, _GZIP = ("", "identity"), ("gzip", "x-gzip")
_PORTS = 2**16


class FetchRefused(Exception):
    """The request is not made, or its answer not read; the message says why."""


class AddressRefused(FetchRefused):
    """The address is not one that may be asked on behalf of a user."""


class AnswerTooLarge(FetchRefused):
    """The answer is larger than it may be."""


class AnswerTooSlow(FetchRefused):
    """The answer was not complete in time."""


class AnswerUnreadable(FetchRefused):
    """The answer is compressed, and not as gzip, or damaged."""


class Unanswered(FetchRefused):
    """The server cannot be reached, or does not answer as it should."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may cost; `allowed` are networks that may be asked although private."""

    allowed: Sequence[Network] = ()
    max_bytes: int = 10 * 1024 * 1024
    seconds: float = 20.0
    max_redirects: int = 5


def bounds_of(fetch_allowed: str) -> Bounds:
    """The usual bounds, with what the setting `fetch_allowed` allows."""
    return Bounds(allowed=parse_networks(fetch_allowed))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `url` is where the last redirect led."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@asynccontextmanager
async def guarded_client(bounds: Bounds) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps this module's rules about addresses and redirects; `fetch` also keeps
    those about size and time."""
    async with httpx.AsyncClient(
        transport=_GuardedTransport(bounds.allowed),
        follow_redirects=True,
        max_redirects=bounds.max_redirects,
        timeout=bounds.seconds,
        trust_env=False,
        headers={"Accept-Encoding": "identity"},
    ) as client:
        yield client


async def fetch(
    url: str,
    bounds: Bounds,
    *,
    method: str = "GET",
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """What the server at `url` answers, whatever its status.

    Raises:
        FetchRefused: for the reason that its class names.
    """
    try:
        async with (
            asyncio.timeout(bounds.seconds),
            guarded_client(bounds) as client,
            client.stream(method, url, content=content, headers=headers) as answer,
        ):
            body = await _read(answer, bounds.max_bytes)
            return Answer(answer.status_code, dict(answer.headers), body, str(answer.url))
    except (TimeoutError, httpx.TimeoutException):
        raise AnswerTooSlow(f"no complete answer within {bounds.seconds:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise Unanswered(str(error) or type(error).__name__) from None


async def _read(answer: httpx.Response, max_bytes: int) -> bytes:
    coding = answer.headers.pop("content-encoding", "").strip().lower()
    if coding not in (*_IDENTITY, *_GZIP):
        raise AnswerUnreadable(f"the answer is compressed, as {coding[:20]!r}")
    parts, size = [], 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > max_bytes:
            raise AnswerTooLarge(f"the answer has more than {max_bytes} bytes")
        parts.append(part)
    body = b"".join(parts)
    return _unfolded(body, max_bytes) if coding in _GZIP and body else body


def _unfolded(body: bytes, max_bytes: int) -> bytes:
    try:
        return unfold(body, max_bytes)
    except TooMuch:
        raise AnswerTooLarge(f"the answer unfolds to more than {max_bytes} bytes") from None
    except Damaged as error:
        raise AnswerUnreadable(f"the answer is compressed and damaged: {error}") from None


class _GuardedTransport(httpx.AsyncBaseTransport):
    """Connects to an address that was judged, under the name that was asked for. No connection is
    kept: one made for a name must not serve another name at the same address."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._transport = httpx.AsyncHTTPTransport(
            trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https") or not url.host:
            raise AddressRefused("only http and https addresses are asked")
        if url.userinfo:
            raise AddressRefused("an address with a name or password in it is not asked")
        address = await self._resolve(url)
        return await self._transport.handle_async_request(
            httpx.Request(
                request.method,
                url.copy_with(host=str(address)),
                headers=request.headers,  # Host among them, with the name
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": url.raw_host.decode()},
            )
        )

    async def _resolve(self, url: httpx.URL) -> Address:
        port = url.port or (443 if url.scheme == "https" else 80)
        if not 0 < port < _PORTS:
            raise AddressRefused(f"{port} is no port")
        addresses = await resolve(url.raw_host.decode().strip("[]"), port)
        for address in addresses:
            if not is_public(address) and not is_in(address, self._allowed):
                raise AddressRefused(f"{url.host} is not an address of the public internet")
        return addresses[0]

    async def aclose(self) -> None:
        await self._transport.aclose()


async def resolve(host: str, port: int) -> list[Address]:
    """All addresses of a host, in the order in which the system would try them.

    Raises:
        Unanswered: it has none.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unanswered(f"{host} has no address: {error.strerror or error}") from None
    return [ip_address(str(sockaddr[0])) for *_, sockaddr in found]


def is_public(address: Address) -> bool:
    """Whether an address is one of the whole internet, and does not carry another that is not."""
    inside = _carried(address)
    if inside is not None:
        return is_public(inside)
    usual = address.is_global and not address.is_multicast and not address.is_reserved
    return usual and not is_in(address, _NEVER)


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one that is a wrapper of it."""
    if not isinstance(address, IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if is_in(address, _NAT64) or address in _COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
