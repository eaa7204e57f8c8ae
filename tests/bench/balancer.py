"""One port before several servers: each new connection goes to the next one that accepts it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count

_AT_ONCE = 64 * 1024


@asynccontextmanager
async def balancer(backends: Sequence[int]) -> AsyncIterator[int]:
    """The port that leads to the ports `backends` of this machine, for the block."""
    turn = count()
    lines: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        lines.add(task)
        task.add_done_callback(lines.discard)
        try:
            first = next(turn)
            for step in range(len(backends)):
                # Its end is no failure of a connection: asyncio would print it as one.
                with suppress(OSError, asyncio.CancelledError):
                    port = backends[(first + step) % len(backends)]
                    behind = await asyncio.open_connection("127.0.0.1", port)
                    await _join((reader, writer), behind)
                    return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(lines):
            task.cancel()
        await asyncio.gather(*lines, return_exceptions=True)


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _join(one: Line, other: Line) -> None:
    """Hand on what comes, both ways, until either side ends."""
    ways = [
        asyncio.create_task(_pump(one[0], other[1])),
        asyncio.create_task(_pump(other[0], one[1])),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        other[1].close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_AT_ONCE):
            writer.write(data)
            await writer.drain()
