"""Bearer tokens: 256 random bits, shown once, kept as a SHA-256 hash.

A token begins with the code of whoever issued it (`bri_sco_…`), so that one used at the wrong door
can be told so. Roles grow: an editor may do what a contributor may, an admin everything.
"""

import secrets
from enum import IntEnum
from hashlib import sha256

from bri_kit.errors import Unauthenticated


class Role(IntEnum):
    """What a token allows; a higher role includes the lower ones."""

    CONTRIBUTOR = 1
    EDITOR = 2
    ADMIN = 3


def new_token(issuer: str) -> str:
    """A fresh token of a centre, or of the issuer `hub`."""
    return f"bri_{issuer}_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> str:
    """What is kept of a token. It needs no salt: a token has 256 bits of its own."""
    return sha256(token.encode()).hexdigest()


def read_bearer(authorization: str | None, issuer: str) -> str:
    """The token in an Authorization header (RFC 6750), if it can be one of `issuer`.

    Raises:
        Unauthenticated: there is none, or it says itself that somebody else issued it.
    """
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send a token as 'Authorization: Bearer …'.")
    prefix, _, rest = token.partition("_")
    if prefix == "bri" and rest and rest.partition("_")[0] != issuer:
        other = rest.partition("_")[0][:32]
        raise Unauthenticated(f"This token was issued by {other!r}; here is {issuer!r}.")
    return token
