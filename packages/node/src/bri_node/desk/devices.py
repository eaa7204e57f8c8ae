"""Devices on which somebody has signed in: strangers' failures do not slow attempts from there.

Rules (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"):
- a browser in which a sign-in succeeded keeps a cookie that names the device and its users, with a
  message authentication code of this node's key; nothing is kept at the node;
- it opens nothing: it only has failures counted for the device instead of the address and the name;
- the key is a file of its own (mode 0600). Without it devices are unknown, and known again after
  the next sign-in.
"""

import hmac
import secrets
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from bri_kit import signing

FILE = "desk.key"
MAX_USERS = 8
"""Of one device, those who signed in last."""
_MAX_COOKIE = 300


@dataclass(frozen=True, slots=True)
class Device:
    """A browser, and the identifiers of the users who signed in there, the last one first."""

    name: str
    users: tuple[int, ...]


class Devices:
    """Makes and reads the cookies of one node; `path` is the file of its key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _key(self) -> bytes:
        return bytes(signing.load_or_create(self._path))

    def cookie(self, known: Device | None, user: int) -> str:
        """The value for a device on which `user` has just signed in."""
        name = known.name if known else secrets.token_urlsafe(16)
        others = [each for each in (known.users if known else ()) if each != user]
        users = "-".join(map(str, [user, *others][:MAX_USERS]))
        return f"{users}.{name}.{self._code(users, name)}"

    def read(self, cookie: str) -> Device | None:
        """The device of a cookie; None where this node did not make it."""
        users, _, rest = cookie[:_MAX_COOKIE].partition(".")
        name, _, code = rest.partition(".")
        if not name or not hmac.compare_digest(self._code(users, name).encode(), code.encode()):
            return None
        return Device(name, tuple(map(int, users.split("-"))))

    def _code(self, users: str, name: str) -> str:
        return hmac.new(self._key, f"device {users} {name}".encode(), sha256).hexdigest()
