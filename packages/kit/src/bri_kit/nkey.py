"""Ed25519 keys as NATS writes them: base32, by whose first letter one sees what a key is for.

A public key begins with O (operator), A (account) or U (user), a seed with S and that letter; both
end with a checksum. What is kept in files are the 32 bytes of `signing`, so that one function makes
all of our keys.
"""

import base64
import binascii
from enum import Enum

import nkeys
from nacl.signing import SigningKey

from bri_kit import signing


class Kind(Enum):
    """What a key is for."""

    OPERATOR = nkeys.PREFIX_BYTE_OPERATOR
    ACCOUNT = nkeys.PREFIX_BYTE_ACCOUNT
    USER = nkeys.PREFIX_BYTE_USER


class NotAKey(ValueError):
    """The text is not a public key of this kind."""


def encode(public: bytes, kind: Kind) -> str:
    """A public key of 32 bytes as NATS writes it."""
    body = bytes([kind.value]) + public
    return base64.b32encode(body + _checksum(body)).decode().rstrip("=")


def decode(text: str, kind: Kind) -> bytes:
    """The 32 bytes of a public key.

    Raises:
        NotAKey: it is something else, or mistyped.
    """
    try:
        body = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError) as error:
        raise NotAKey(f"{text[:60]!r} is no key") from error
    public, checksum = body[1:-2], body[-2:]
    if len(public) != signing.KEY_BYTES or _checksum(body[:-2]) != checksum:
        raise NotAKey(f"{text[:60]!r} is no key, or mistyped")
    if body[0] != kind.value:
        raise NotAKey(f"{text[:60]!r} is not a key of an {kind.name.lower()}")
    return public


def public(key: SigningKey, kind: Kind) -> str:
    """The public half of `key` as NATS writes it."""
    return encode(signing.public_key(key), kind)


def seed(key: SigningKey, kind: Kind) -> str:
    """The private key as NATS writes it: a secret."""
    encoded: bytes = nkeys.encode_seed(bytes(key), kind.value)
    return encoded.decode()


def _checksum(body: bytes) -> bytes:
    value: int = nkeys.crc16(bytearray(body))
    return value.to_bytes(2, "little")
