"""Run an HTTP service until it is told to stop; SIGINT and SIGTERM end it with exit status 0."""

import gc
import signal

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS = 2


def run(app: FastAPI, host: str, port: int) -> None:
    """Serve `app`; returns after a signal, once the requests under way are answered."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # What was loaded by now lives as long as the process: looking through it at each collection
    # costs an import of many records a quarter of its time.
    gc.collect()
    gc.freeze()
    # uvicorn raises the signal again when it is done; to us it was an order well carried out.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(config).run()
