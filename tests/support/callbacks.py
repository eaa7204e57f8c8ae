"""A WebSub subscriber: a real HTTP server that confirms what it asked for and keeps what it is
sent."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.waiting import eventually


@dataclass(frozen=True, slots=True)
class Sent:
    """A feed that arrived."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class CallbackServer:
    """`confirms` says whether it answers a challenge with its word, `denial` what status it answers
    otherwise, `status` what it answers to a feed."""

    confirms: bool = True
    denial: int = 404
    status: int = 204
    asked: list[dict[str, str]] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    _server: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/callback?user=7"

    def start(self) -> None:
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                question = dict(parse_qsl(urlsplit(self.path).query))
                place.asked.append(question)
                word = question.get("hub.challenge", "").encode()
                self._answer(200 if place.confirms else place.denial, word)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                place.sent.append(Sent(dict(self.headers.items()), body))
                self._answer(place.status, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    async def was_asked(self, number: int) -> list[dict[str, str]]:
        """Wait for so many challenges."""
        return await _so_many(self.asked, number)

    async def was_sent(self, number: int) -> list[Sent]:
        """Wait for so many feeds."""
        return await _so_many(self.sent, number)


async def _so_many(found: list[Any], number: int) -> list[Any]:
    async def all_of_them() -> list[Any]:
        return found

    return await eventually(all_of_them, lambda some: len(some) >= number)
