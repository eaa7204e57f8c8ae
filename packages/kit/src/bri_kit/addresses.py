"""Who asks: the address that a request came from, through proxies that are trusted and no others.

Rules:
- X-Forwarded-For counts only where the connection comes from a trusted proxy, and then from the
  right: the first address that is no trusted proxy is the client, whatever stands left of it;
- what cannot be read as an address ends the walk: the proxy that passed it on is the client;
- a proxy may pass requests on without naming anybody. A request is this machine's own only where it
  bears no trace of a proxy and is addressed to the loopback, at a service that is not published
  under another address;
- one IPv6 household has 2⁶⁴ addresses, so it counts as one: clients are told apart by their /64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOOPBACK = ip_address("127.0.0.1")
_MAX_HOPS = 20
_TRACES = frozenset(
    (
        b"forwarded",
        b"via",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-forwarded-server",
        b"x-real-ip",
    )
)
"""Headers that proxies add."""


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks and single addresses, separated by commas.

    Raises:
        ValueError: one of them is neither.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Whether one of the networks holds the address."""
    return any(address.version == network.version and address in network for network in networks)


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from; `forwarded` tells whether a proxy was between."""

    address: Address
    forwarded: bool

    @property
    def key(self) -> str:
        """What tells this client from others."""
        if isinstance(self.address, IPv6Address):
            return str(IPv6Address(int(self.address) >> 64 << 64))
        return str(self.address)


def client_of(scope: Scope, trusted: Sequence[Network]) -> Client:
    """The client of an ASGI request. A connection without an address is one of this machine."""
    peer = scope.get("client")
    address = (read_address(peer[0]) if peer else None) or LOOPBACK
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    if not values:
        return Client(address, forwarded=any(name in _TRACES for name, _ in scope["headers"]))
    hops = b",".join(values).decode("latin-1").split(",")
    for hop in reversed(hops[-_MAX_HOPS:]):
        if not is_in(address, trusted):
            break
        before = read_address(hop)
        if before is None:
            break
        address = before
    return Client(address, forwarded=True)


def is_loopback(host: str) -> bool:
    """Whether a host, with or without a port, is a name or an address of this machine alone."""
    if host.rpartition(":")[0].lower() == "localhost" or host.lower() == "localhost":
        return True
    address = read_address(host)
    return address is not None and address.is_loopback


def is_addressed_here(scope: Scope) -> bool:
    """Whether a request names the loopback as its host."""
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    return all(map(is_loopback, hosts))


def read_address(text: str) -> Address | None:
    """An address as peers and proxies write it, an IPv4 one inside IPv6 as itself; else None."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
