"""A subscriber's service: a real HTTP server that answers challenges and keeps what it is sent."""

import json
import threading
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.waiting import eventually


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class HookServer:
    """`status` is what it answers to what happened; `key` (`whsec_…`) is what it proves to have
    when it is challenged. Without one it sends back whatever it gets, as careless services do;
    `moved` redirects everything."""

    status: int = 204
    key: str = ""
    moved: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    _server: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def start(self) -> None:
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                place.take(self, Delivery(dict(self.headers.items()), body))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, handler: BaseHTTPRequestHandler, delivery: Delivery) -> None:
        document = delivery.document
        answer = b""
        if self.moved:
            handler.send_response(307)
            handler.send_header("Location", self.moved)
        elif "challenge" in document:
            answer = self._prove(document) if self.key else delivery.body
            handler.send_response(200)
        else:
            handler.send_response(self.status)
        self.deliveries.append(delivery)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def _prove(self, document: Any) -> bytes:
        key = b64decode(self.key.removeprefix("whsec_"))
        proof = digest(key, document["challenge"].encode(), "sha512").hex()
        return json.dumps({"proof": proof}).encode()

    async def delivered(self, number: int) -> list[Delivery]:
        """Wait for so many requests."""

        async def all_of_them() -> list[Delivery]:
            return self.deliveries

        return await eventually(all_of_them, lambda found: len(found) >= number)
