"""Who may follow the change log: whoever has its token.

Rules:
- the token is a setting, or a file of the hub's data (mode 0600) that is made where it is missing;
  a follower on the same machine reads that file;
- it is sent as `authorization: Bearer …` in the metadata of every call, and compared in constant
  time. Without it a call is refused (UNAUTHENTICATED) before its handler begins;
- the change log holds the records of limited centres too, so there is no access without a token.
"""

import hmac
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias, cast

import grpc

from bri_hub.settings import HubSettings
from bri_kit.signing import sync_folder

FILE = "changes.token"
_REFUSAL = (
    "The change log is read with the hub's token: set BRI_SEARCH_HUB_TOKEN, or name its file in "
    "BRI_SEARCH_HUB_TOKEN_FILE."
)

# In quotation marks: the class is generic in its type stubs alone.
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"
Continuation: TypeAlias = "Callable[[grpc.HandlerCallDetails], Awaitable[Handler]]"


def load_token(settings: HubSettings) -> str:
    """The token of this hub's change log."""
    if token := settings.changes_token.get_secret_value():
        return token
    path = settings.data / FILE
    if not path.exists():
        _write(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii").strip()


def _write(path: Path, token: str) -> None:
    """Create the file whole, unless another process has done so meanwhile."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token)
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
    sync_folder(path)


class Authentication(grpc.aio.ServerInterceptor):
    """Refuses every call that does not carry the token."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler":
        handler = await continuation(handler_call_details)
        if handler is None or self._is_authentic(handler_call_details):
            return handler
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(cast(Any, _refuse_stream))
        return grpc.unary_unary_rpc_method_handler(cast(Any, _refuse))

    def _is_authentic(self, call: grpc.HandlerCallDetails) -> bool:
        given = dict(call.invocation_metadata or ()).get("authorization", "")
        given = given.encode() if isinstance(given, str) else given
        return hmac.compare_digest(given, self._expected)


async def _refuse(_request: bytes, context: Any) -> None:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, _REFUSAL)


async def _refuse_stream(request: bytes, context: Any) -> Any:
    await _refuse(request, context)
    yield b""  # never reached; it makes this an asynchronous generator
