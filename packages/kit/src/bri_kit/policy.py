"""What browsers may do with our answers: a strict Content-Security-Policy and its companions.

Rules:
- every answer carries all of them, errors included; an API's answer may load and run nothing;
- a page says what more it needs by a Content-Security-Policy of its own, made by `PagePolicy`:
  scripts and styles from this site's files, inline ones only by the hash of their text or by the
  answer's nonce, nothing from another host;
- nobody may frame an answer, and no address of ours is told to another site;
- no cache gives an answer out without asking here whether it still holds: a record that its centre
  has withdrawn is gone from caches too.

A page declares its policy on its answer:

    policy = PagePolicy(script_hashes=(text_hash(SCRIPT),))
    return HTMLResponse(html, headers=policy.headers())
"""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "Content-Security-Policy"
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_SENSORS = "camera geolocation microphone payment usb".split()
_COMPANIONS = {
    HEADER: NOTHING,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(f"{sensor}=()" for sensor in _SENSORS),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """What one page may do. `images` may name other sources, such as `https:`; `forms` lets it send
    forms to this site; hashes are those of `text_hash`."""

    script_hashes: Sequence[str] = ()
    style_hashes: Sequence[str] = ()
    images: Sequence[str] = ("'self'", "data:")
    forms: bool = False

    def headers(self, nonce: str = "") -> dict[str, str]:
        """The policy as headers of an answer; `nonce` (of `new_nonce`, for this answer alone)
        allows the inline scripts and styles that carry it."""
        once = [f"'nonce-{nonce}'"] if nonce else []
        parts = {
            "default-src": ["'none'"],
            "script-src": ["'self'", *self.script_hashes, *once],
            "style-src": ["'self'", *self.style_hashes, *once],
            "img-src": self.images,
            "font-src": ["'self'"],
            "connect-src": ["'self'"],
            "base-uri": ["'none'"],
            "form-action": ["'self'" if self.forms else "'none'"],
            "frame-ancestors": ["'none'"],
        }
        text = "; ".join(f"{name} {' '.join(sources)}" for name, sources in parts.items())
        return {HEADER: text}


def new_nonce() -> str:
    """A nonce for one answer: 128 random bits."""
    return secrets.token_urlsafe(16)


def text_hash(text: str) -> str:
    """The source expression that allows an inline script or style with exactly this text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


class BrowserPolicy:
    """Puts the headers on every answer that does not bring its own; HSTS (RFC 6797) for
    `hsts_seconds`, where that is not 0, and for hosts below this one with `hsts_subdomains`."""

    def __init__(self, app: ASGIApp, hsts_seconds: int = 0, hsts_subdomains: bool = False) -> None:
        self.app = app
        self._headers = dict(_COMPANIONS)
        if hsts_seconds:
            below = "; includeSubDomains" if hsts_subdomains else ""
            self._headers["Strict-Transport-Security"] = f"max-age={hsts_seconds}{below}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_policy)
