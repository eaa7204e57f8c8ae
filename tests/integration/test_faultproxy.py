"""The spoilt line that fault tests stand on, over real sockets."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.faultproxy import HOST, FaultProxy
from tests.support.waiting import eventually

LARGE = bytes(range(256)) * 4_000
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def line() -> AsyncIterator[FaultProxy]:
    """A line to a server that sends back what it is sent, and says at the end how much that was."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = 0
        try:
            while data := await reader.read(65_536):
                count += len(data)
                writer.write(data)
                await writer.drain()
            writer.write(f" {count}".encode())
            writer.write_eof()
        except ConnectionError:
            pass  # the line was cut
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    proxy = FaultProxy(server.sockets[0].getsockname()[1])
    await proxy.start()
    yield proxy
    await proxy.stop()
    server.close()
    await server.wait_closed()


async def connect(line: FaultProxy) -> Connection:
    return await asyncio.open_connection(HOST, line.port)


async def echo(connection: Connection, data: bytes) -> bytes:
    reader, writer = connection
    writer.write(data)
    return await reader.readexactly(len(data))


async def close(connection: Connection) -> None:
    connection[1].transport.abort()


async def nothing_comes(connection: Connection) -> bool:
    """Whether the line stays silent for a moment."""
    try:
        async with asyncio.timeout(0.1):
            await connection[0].readexactly(1)
    except TimeoutError:
        return True
    return False


async def test_a_whole_line_carries_everything_in_order(line: FaultProxy) -> None:
    """Both ways, and the end of either direction too."""
    connection = await connect(line)
    sending = asyncio.create_task(echo(connection, LARGE))
    assert await sending == LARGE
    connection[1].write_eof()
    assert await connection[0].read() == f" {len(LARGE)}".encode()
    await close(connection)


async def test_a_cut_line_resets_what_there_is_and_refuses_what_is_new(line: FaultProxy) -> None:
    """Until it is mended."""
    connection = await connect(line)
    assert await echo(connection, b"before") == b"before"
    line.cut()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await echo(connection, b"during")
    await close(connection)
    refused = await connect(line)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await echo(refused, b"during")
    await close(refused)
    line.mend()
    connection = await connect(line)
    assert await echo(connection, b"after") == b"after"
    await close(connection)


async def test_a_stalled_line_carries_everything_once_it_is_mended(line: FaultProxy) -> None:
    """Nothing meanwhile, and nothing is lost."""
    connection = await connect(line)
    line.stall()
    connection[1].write(b"late")
    assert await nothing_comes(connection)
    line.mend()
    assert await connection[0].readexactly(4) == b"late"
    await close(connection)


async def test_a_slow_line_is_late(line: FaultProxy) -> None:
    """By its delay and its rate, and carries the same bytes."""
    connection = await connect(line)
    line.slow(delay=0.15, rate=1_000_000)
    connection[1].write(b"slow")
    assert await nothing_comes(connection)
    assert await connection[0].readexactly(4) == b"slow"
    await close(connection)


async def test_half_of_a_line_can_end(line: FaultProxy) -> None:
    """The server is told that nothing more comes, and what it says still arrives."""
    connection = await connect(line)
    assert await echo(connection, b"one") == b"one"
    line.half_close()
    assert await connection[0].read() == b" 3"
    await close(connection)


async def test_a_forgotten_connection_stays_open_and_carries_nothing(line: FaultProxy) -> None:
    """New ones are whole."""
    connection = await connect(line)
    assert await echo(connection, b"one") == b"one"
    line.forget()
    connection[1].write(b"two")
    assert await nothing_comes(connection)
    whole = await connect(line)
    assert await echo(whole, b"three") == b"three"
    await close(whole)
    await close(connection)


async def test_a_line_to_nowhere_ends_at_once(line: FaultProxy) -> None:
    """As a refused connection does."""
    nowhere = FaultProxy(1)
    await nowhere.start()
    connection = await connect(nowhere)

    async def ended() -> bool:
        return connection[0].at_eof() or connection[0].exception() is not None

    await eventually(ended)
    await close(connection)
    await nowhere.stop()
