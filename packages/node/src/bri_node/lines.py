"""Bytes as they arrive, cut into lines and batches of lines, in bounded memory.

Rules:
- a line longer than `MAX_LINE_BYTES` is told as such and its bytes are thrown away as they come;
- a byte order mark at the beginning and carriage returns at ends of lines are no part of a line;
- a batch is full by lines or by bytes, or is what there is when the sender pauses.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

MAX_LINE_BYTES = 8 * 1024 * 1024
BATCH_LINES = 1000
BATCH_BYTES = 4 * 1024 * 1024
PAUSE_SECONDS = 0.05

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its number, counted from 1; `data` is None where it was too long."""

    number: int
    data: bytes | None


class Splitter:
    """Cuts chunks into lines."""

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._number = 0
        self._rest = bytearray()
        self._too_long = False

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that end in `chunk`."""
        *ended, rest = chunk.split(b"\n")
        lines = []
        for part in ended:
            self._extend(part)
            lines.append(self._end())
        self._extend(rest)
        return lines

    def finish(self) -> list[Line]:
        """The last line, where it has no end."""
        return [self._end()] if self._rest or self._too_long else []

    def _extend(self, part: bytes) -> None:
        if self._too_long:
            return
        self._rest += part
        if len(self._rest) > self._limit:
            self._too_long = True
            self._rest.clear()

    def _end(self) -> Line:
        self._number += 1
        data = bytes(self._rest)
        if self._number == 1:
            data = data.removeprefix(_BYTE_ORDER_MARK)
        line = Line(self._number, None if self._too_long else data.rstrip(b"\r"))
        self._rest.clear()
        self._too_long = False
        return line


async def batches(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[Line]]:
    """The lines in `chunks`, a batch at a time, without those that are blank."""
    splitter = Splitter()
    pending: list[Line] = []
    while True:
        arriving = asyncio.ensure_future(_next(chunks))
        try:
            if pending and not (await asyncio.wait({arriving}, timeout=PAUSE_SECONDS))[0]:
                yield pending
                pending = []
            chunk = await arriving
        finally:
            arriving.cancel()
        pending += _not_blank(splitter.finish() if chunk is None else splitter.feed(chunk))
        while _is_full(pending):
            yield pending[:BATCH_LINES]
            pending = pending[BATCH_LINES:]
        if chunk is None:
            break
    if pending:
        yield pending


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)


def _not_blank(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.data is None or line.data.strip()]


def _is_full(lines: list[Line]) -> bool:
    return len(lines) >= BATCH_LINES or sum(len(line.data or b"") for line in lines) >= BATCH_BYTES
