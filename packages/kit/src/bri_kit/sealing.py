"""Small files that say who wrote them: JSON in JSON, signed as it stands (Ed25519).

The inner text is signed byte for byte and never written anew, so there is nothing to agree on but
UTF-8. What is signed begins with what the file is, so that one kind is never taken for another.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from nacl.signing import SigningKey

from bri_kit import signing

FORMAT = 1
MAX_CHARACTERS = 64 * 1024


class SealBroken(ValueError):
    """The text is not what it should be, or is not signed as it says; the message says which."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a text says, the key that signed it, and by what it is known."""

    said: dict[str, Any]
    key: bytes
    id: str


def seal(kind: str, said: Mapping[str, Any], key: SigningKey) -> str:
    """The text of a file of this kind."""
    inner = orjson.dumps(said)
    document = {
        "kind": kind,
        "format": FORMAT,
        "signed": inner.decode(),
        "key": b64encode(signing.public_key(key)).decode(),
        "signature": b64encode(signing.sign(key, _statement(kind, inner))).decode(),
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def unseal(kind: str, text: str) -> Sealed:
    """What a text of this kind says.

    Raises:
        SealBroken: it is of another kind or of newer software, was altered, or is no such text.
    """
    if len(text) > MAX_CHARACTERS:
        raise SealBroken(f"it is too long for a {kind}")
    try:
        document = orjson.loads(text)
        told, version = document["kind"], document["format"]
        inner = document["signed"].encode()
        key = b64decode(document["key"], validate=True)
        signature = b64decode(document["signature"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SealBroken(f"it is no {kind}, or was damaged on its way") from error
    if told != kind:
        raise SealBroken(f"it is a {str(told)[:40]}, not a {kind}")
    if version != FORMAT:
        raise SealBroken(f"it is a {kind} of newer software")
    if not signing.is_signed(key, _statement(kind, inner), signature):
        raise SealBroken("its signature does not hold: it was altered after it was signed")
    return Sealed(_read(kind, inner), key, sha256(inner).hexdigest())


def _read(kind: str, inner: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(inner)
    except ValueError as error:
        raise SealBroken(f"it is no {kind}") from error
    if not isinstance(said, dict):
        raise SealBroken(f"it is no {kind}")
    return said


def _statement(kind: str, inner: bytes) -> bytes:
    purpose = f"bri.{kind}.v{FORMAT}".encode()
    return len(purpose).to_bytes(2, "big") + purpose + inner
