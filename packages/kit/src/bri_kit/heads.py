"""Request heads: bounded before anything is made of them.

Rules:
- an address longer than MAX_ADDRESS bytes is refused (414, RFC 9110, 15.5.15);
- more than MAX_FIELDS header fields, or MAX_BYTES of them, are refused (431, RFC 6585, 5); the
  server (`server`) closes a connection whose head goes on beyond that.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from bri_kit.errors import AddressTooLong, BriError, HeadTooLarge
from bri_kit.problems import problem_response

MAX_ADDRESS = 16 * 1024
MAX_FIELDS = 100
MAX_BYTES = 64 * 1024


class HeadLimit:
    """Refuses requests whose heads are too large."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await problem_response(refusal)(scope, receive, send)


def _refusal(scope: Scope) -> BriError | None:
    length = len(scope.get("raw_path") or b"") + len(scope.get("query_string", b""))
    if length > MAX_ADDRESS:
        return AddressTooLong(f"An address may have at most {MAX_ADDRESS // 1024} KiB.")
    headers = scope["headers"]
    if len(headers) > MAX_FIELDS:
        return HeadTooLarge(f"A request may have at most {MAX_FIELDS} header fields.")
    if sum(len(name) + len(value) for name, value in headers) > MAX_BYTES:
        return HeadTooLarge(f"Header fields may have at most {MAX_BYTES // 1024} KiB.")
    return None
