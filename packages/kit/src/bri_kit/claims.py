"""NATS claims: the signed words by which a NATS server knows operators, accounts and users. Pure.

A claim is a JWT (RFC 7519) with the algorithm `ed25519-nkey`, as version 2 of nats-io/jwt writes
it: its id is the SHA-512/256 of its own body with an empty id, in base32. Whoever holds a key signs
for the level below: the operator for accounts, an account's signing key for users. The server keeps
accounts and no users: a user brings its own claim, and proves by its key that it is its own.

Rules:
- what a user may do is written in the account (`Scope`), beside the key that signs such users; a
  user's own claim says nothing of it. So one new account claim changes it for all;
- `{{name()}}` in a scope stands for the name in the user's claim;
- a user is revoked in the account, by its key and a time: claims issued until then are void.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson
from nacl.signing import SigningKey

from bri_kit import nkey, signing
from bri_kit.nkey import Kind

_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}
_VERSION = 2
_UNLIMITED = -1


class ClaimUnreadable(ValueError):
    """The text is no claim, or nobody signed it who may."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What users may do whom one signing key of an account vouches for. `answers` is how many
    answers such a user may publish to a question's reply subject within `answer_seconds`."""

    role: str
    publish: Sequence[str]
    subscribe: Sequence[str]
    answers: int = 0
    answer_seconds: int = 0
    subscriptions: int = _UNLIMITED
    payload: int = _UNLIMITED


@dataclass(frozen=True, slots=True)
class Storage:
    """How much an account may keep in JetStream."""

    streams: int
    consumers: int


@dataclass(frozen=True, slots=True)
class User:
    """A user as its claim tells it; times are seconds since 1970, `expires` is None for never."""

    name: str
    key: str
    account: str
    signer: str
    issued: int
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account: its scopes by the public keys that sign for them, and who is revoked in it, by
    the user's key and the time up to which its claims are void."""

    name: str
    key: str
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    storage: Storage | None = None
    revoked: Mapping[str, int] = field(default_factory=dict)


def operator_claim(name: str, key: SigningKey, system_account: str, at: datetime) -> str:
    """The operator's word about itself, which a server is configured with."""
    body = {"type": "operator", "version": _VERSION, "system_account": system_account}
    return _sign(key, Kind.OPERATOR, name, nkey.public(key, Kind.OPERATOR), at, body)


def account_claim(account: Account, operator: SigningKey, at: datetime) -> str:
    """The operator's word about an account."""
    storage = account.storage
    kept = {
        "mem_storage": _UNLIMITED if storage else 0,
        "disk_storage": _UNLIMITED if storage else 0,
        "streams": storage.streams if storage else 0,
        "consumer": storage.consumers if storage else 0,
    }
    everything = ("subs", "data", "payload", "imports", "exports", "conn", "leaf")
    body = {
        "type": "account",
        "version": _VERSION,
        "limits": dict.fromkeys(everything, _UNLIMITED) | {"wildcards": True} | kept,
        "signing_keys": [_scope_json(key, scope) for key, scope in account.scopes.items()],
        "revocations": dict(account.revoked),
    }
    return _sign(operator, Kind.OPERATOR, account.name, account.key, at, body)


def user_claim(
    name: str,
    key: str,
    account: str,
    signer: SigningKey,
    at: datetime,
    expires: datetime | None = None,
) -> str:
    """A signing key's word about a user. What the user may do stands in the account."""
    body = {"type": "user", "version": _VERSION, "issuer_account": account}
    return _sign(signer, Kind.ACCOUNT, name, key, at, body, expires)


def read_user(claim: str) -> User:
    """What a user's claim says; that its signer signed it was checked, not that the signer may.

    Raises:
        ClaimUnreadable: it is no claim, not a user's, or its signature does not hold.
    """
    try:
        signed, _, signature = claim.strip().rpartition(".")
        body: dict[str, Any] = orjson.loads(_unbase64(signed.partition(".")[2]))
        signer = nkey.decode(body["iss"], Kind.ACCOUNT)
        told = body["nats"]
        nkey.decode(body["sub"], Kind.USER)
        user = User(
            name=str(body["name"]),
            key=body["sub"],
            account=str(told["issuer_account"]),
            signer=body["iss"],
            issued=int(body["iat"]),
            expires=int(body["exp"]) if "exp" in body else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClaimUnreadable("it is no claim of a user") from error
    if not signing.is_signed(signer, signed.encode(), _unbase64(signature)):
        raise ClaimUnreadable("the claim's signature does not hold")
    return user


def credentials(claim: str, seed: str) -> str:
    """The text of a credentials file: a user's claim and its private key, as nats-io/nsc writes
    them."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{claim}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )


def claim_in(text: str) -> str:
    """The claim in a credentials file. Raises ClaimUnreadable where there is none."""
    lines = text.splitlines()
    for line, following in pairwise(lines):
        if "BEGIN NATS USER JWT" in line:
            return following.strip()
    raise ClaimUnreadable("it holds no claim of a user")


def _scope_json(key: str, scope: Scope) -> dict[str, Any]:
    template: dict[str, Any] = {
        "pub": {"allow": list(scope.publish)},
        "sub": {"allow": list(scope.subscribe)},
        "subs": scope.subscriptions,
        "data": _UNLIMITED,
        "payload": scope.payload,
    }
    if scope.answers:
        nanoseconds = scope.answer_seconds * 1_000_000_000
        template["resp"] = {"max": scope.answers, "ttl": nanoseconds}
    return {"kind": "user_scope", "key": key, "role": scope.role, "template": template}


def _sign(
    key: SigningKey,
    kind: Kind,
    name: str,
    subject: str,
    at: datetime,
    body: Mapping[str, Any],
    expires: datetime | None = None,
) -> str:
    claims: dict[str, Any] = {
        "jti": "",
        "iat": int(at.timestamp()),
        "iss": nkey.public(key, kind),
        "name": name,
        "sub": subject,
        "nats": body,
    }
    if expires is not None:
        claims["exp"] = int(expires.timestamp())
    digest = hashlib.new("sha512_256", orjson.dumps(claims)).digest()
    claims["jti"] = base64.b32encode(digest).decode().rstrip("=")
    signed = f"{_base64(orjson.dumps(_HEADER))}.{_base64(orjson.dumps(claims))}"
    return f"{signed}.{_base64(signing.sign(key, signed.encode()))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unbase64(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ClaimUnreadable("it is no claim") from error
