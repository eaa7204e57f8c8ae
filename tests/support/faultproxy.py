"""A line that can be spoilt: TCP from a port of its own to another, through this event loop.

Rules:
- bytes come through unchanged and in order, or not at all;
- a cut line refuses what is new and resets what there is; a stalled one carries nothing until it is
  mended, and then everything; a slow one carries with a delay and so many bytes a second;
- `half_close` ends one direction of the connections there are; `forget` keeps them open and carries
  nothing on them ever again, as a router does that has lost its table. New connections are whole.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

HOST = "127.0.0.1"
CHUNK_BYTES = 64 * 1024


@dataclass(eq=False, slots=True)
class _Connection:
    """Both ends of one connection."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    forgotten: bool = False

    def abort(self) -> None:
        """Reset both ends."""
        self.near.transport.abort()
        self.far.transport.abort()


class FaultProxy:
    """Carries connections to `port` of this machine. Belongs to one event loop."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._is_cut = False
        self._delay = 0.0
        self._rate = 0.0
        self.port = 0
        """Where it listens, once it is started."""

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Reset all connections and listen no more."""
        assert self._server is not None
        self._server.close()
        self.cut()
        self._flowing.set()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        self._is_cut = True
        for connection in self._connections:
            connection.abort()

    def stall(self) -> None:
        """Carry nothing."""
        self._flowing.clear()

    def slow(self, delay: float, rate: float) -> None:
        """Carry each piece `delay` seconds late, and `rate` bytes a second."""
        self._delay, self._rate = delay, rate

    def mend(self) -> None:
        """Carry everything at once again."""
        self._is_cut = False
        self._delay = self._rate = 0.0
        self._flowing.set()

    def half_close(self) -> None:
        """End the direction towards the target of all connections."""
        for connection in self._connections:
            with suppress(OSError, RuntimeError):
                connection.far.write_eof()

    def forget(self) -> None:
        """Carry nothing any more on the connections there are, and tell nobody."""
        for connection in self._connections:
            connection.forgotten = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(writer, far_writer)
        self._connections.add(connection)
        try:
            if self._is_cut:  # while it was made
                return
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(connection, reader, far_writer))
                both.create_task(self._carry(connection, far_reader, writer))
        except* (OSError, RuntimeError):
            pass  # one end is gone: so is the connection
        finally:
            self._connections.discard(connection)
            connection.abort()

    async def _carry(
        self, connection: _Connection, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        while data := await source.read(CHUNK_BYTES):
            await asyncio.sleep(self._delay + (len(data) / self._rate if self._rate else 0.0))
            await self._flowing.wait()
            if not connection.forgotten:
                sink.write(data)
                await sink.drain()
        await self._flowing.wait()
        if not connection.forgotten:
            sink.write_eof()
