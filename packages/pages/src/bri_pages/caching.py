"""Asked again: a page that has not changed is not sent again, and its head is as good as the page.

Rules:
- an answer's tag is made of its content before it is compressed, so it is a weak one (RFC 9110,
  8.8.1); what was sent in pieces, or brings a tag of its own, is left alone;
- a page is made anew for every question, so that nothing withdrawn is ever confirmed.
"""

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAG_BYTES = 12


class Conditional:
    """Answers If-None-Match with 304, and HEAD like GET without the content."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        asked = Headers(scope=scope).get("if-none-match", "")
        start: Message | None = None

        async def send_tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                first, start = start, None
                if _is_same(first, message, asked):
                    message = {**message, "body": b""}
                await send(first)
            await send({**message, "body": b""} if is_head else message)

        await self.app({**scope, "method": "GET"}, receive, send_tagged)


def _is_same(start: Message, body: Message, asked: str) -> bool:
    """Tag a whole answer; whether it is the one that the browser has, which `start` then says."""
    headers = MutableHeaders(scope=start)
    if start["status"] != 200:
        return False
    if "etag" not in headers:
        if body.get("more_body"):
            return False
        digest = blake2b(body.get("body", b""), digest_size=_TAG_BYTES).hexdigest()
        headers["etag"] = f'W/"{digest}"'
    known = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    if headers["etag"].removeprefix("W/") not in known:
        return False
    start["status"] = 304
    for name in ("content-length", "content-type"):
        if name in headers:
            del headers[name]
    return True
