"""Whose request it is, through proxies."""

import pytest

from bri_kit.addresses import client_of, parse_networks

TRUSTED = parse_networks("127.0.0.1, 10.0.0.0/8, ::1")


def client(peer: str | None, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded]
    scope = {"client": (peer, 1) if peer is not None else None, "headers": headers}
    return client_of(scope, TRUSTED).key


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1, 10.1.1.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["\xff"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["," * 100_000], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("::1", ["[2001:db8:1:2:3::4]:80"], "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", [], "203.0.113.9"),
        ("fe80::1%eth0", [], "fe80::"),
        (None, [], "127.0.0.1"),
    ],
)
def test_only_trusted_proxies_say_who_asks(
    peer: str | None, forwarded: list[str], expected: str
) -> None:
    """The rightmost address that no trusted proxy has; what a client wrote itself is left of it."""
    assert client(peer, *forwarded) == expected


def test_what_is_no_network_is_said_at_once() -> None:
    """A mistyped setting must not trust nobody, or everybody, in silence."""
    with pytest.raises(ValueError, match="does not appear"):
        parse_networks("127.0.0.1, 10.0.0.0/33")
