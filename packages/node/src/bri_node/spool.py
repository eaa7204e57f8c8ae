"""Answers that wait for a client who does not read yet; beyond a megabyte they wait on disk.

Most clients send a whole request before they read anything. If our answers to it blocked us, we
would stop reading, the client could not go on sending, and both would wait for ever.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile

_IN_MEMORY = 1024 * 1024
_CHUNK = 64 * 1024


class Spool:
    """Written by one task and read by another."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by its reader
        self._news = asyncio.Event()
        self._ended = False

    def write(self, data: bytes) -> None:
        """Add to what is to be read; what comes after the reader has gone is dropped."""
        if not self._file.closed:
            self._file.seek(0, os.SEEK_END)
            self._file.write(data)
            self._news.set()

    def end(self) -> None:
        """Nothing more will be written."""
        self._ended = True
        self._news.set()

    async def read(self) -> AsyncIterator[bytes]:
        """What was written, as it is written, until the end."""
        position = 0
        with self._file:
            while True:
                self._news.clear()
                self._file.seek(position)
                if chunk := self._file.read(_CHUNK):
                    position += len(chunk)
                    yield chunk
                elif self._ended:
                    return
                else:
                    await self._news.wait()
