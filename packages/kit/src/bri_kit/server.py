"""Run an HTTP service until it is told to stop; SIGINT and SIGTERM end it with exit status 0.

A connection is held for as long as a request is under way; one on which no request begins, or
whose head comes too slowly or does not end within MAX_HEAD bytes, is closed.
"""

import asyncio
import gc
import signal

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bri_kit.settings import ServiceSettings

GRACE_SECONDS = 2
MAX_HEAD = 256 * 1024
"""What `heads` takes and a read from the socket; the parser itself has no bound."""


def run(app: FastAPI, settings: ServiceSettings) -> None:
    """Serve `app`; returns after a signal, once the requests under way are answered."""
    # What was loaded by now lives as long as the process: looking through it at each collection
    # costs an import of many records a quarter of its time.
    gc.collect()
    gc.freeze()
    # uvicorn raises the signal again when it is done; to us it was an order well carried out.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(configuration(app, settings)).run()


def configuration(app: FastAPI, settings: ServiceSettings) -> uvicorn.Config:
    """How the server is to serve `app`."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=_patient_for(settings.head_seconds),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom to believe about addresses is `addresses`' to say
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


class _BoundedHeads(HttpToolsProtocol):
    """Closes a connection whose request has a head larger than MAX_HEAD."""

    _in_head = False
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if self._in_head else 0
        if self._head_bytes > MAX_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()


def _patient_for(seconds: float) -> type[HttpToolsProtocol]:
    """The protocol that gives a connection this long to begin each request."""

    class Patient(_BoundedHeads):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._watch(finished=None)

        def _watch(self, finished: object) -> None:
            """Look again after `seconds`: idle twice after the same request is idle too long."""
            self._watcher = self.loop.call_later(seconds, self._look, finished)

        def _look(self, finished: object) -> None:
            if self.transport.is_closing():
                return
            idle = self.cycle is None or self.cycle.response_complete
            if idle and finished is self.cycle:
                self.transport.close()
            else:
                self._watch(self.cycle if idle else self)

        def connection_lost(self, exc: Exception | None) -> None:
            self._watcher.cancel()
            super().connection_lost(exc)

    return Patient
