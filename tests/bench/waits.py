"""How long answers take: measured one after another, or by several clients at once over HTTP."""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode, urlsplit

SECONDS = 4.0
_WARM_UP = 20
_REFUSED = 503
_EXPECTED = (200, 422, _REFUSED)
Asked = dict[str, str | int]
Make = Callable[[], Asked]


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds that half, and 99 in 100, of the answers took; answers a second, and how many
    of them were that the question came too late or was one too many."""

    median: float
    worst: float
    rate: float
    refused: int = 0

    @classmethod
    def of(cls, waits: Sequence[float], seconds: float, refused: int = 0) -> "Waits":
        """From waits in seconds, `seconds` in all."""
        worst = statistics.quantiles(waits, n=100, method="inclusive")[98]
        half = statistics.median(waits)
        return cls(half * 1_000, worst * 1_000, len(waits) / seconds, refused)

    def __str__(self) -> str:
        refused = f" ({self.refused} refused)" if self.refused else ""
        return f"{self.median:.1f} / {self.worst:.1f}{refused}"


def in_turns(
    works: Mapping[str, Callable[[Asked], object]], make: Make, seconds: float = SECONDS
) -> dict[str, Waits]:
    """What each of `works` takes for the same questions, one after the other: what else the machine
    does slows them all."""
    waits: dict[str, list[float]] = {name: [] for name in works}
    until = time.perf_counter() + seconds * len(works)
    for number in count():
        if time.perf_counter() > until and number >= 2 * _WARM_UP:
            break
        asked = make()
        for name, work in works.items():
            before = time.perf_counter()
            work(asked)
            if number >= _WARM_UP:
                waits[name].append(time.perf_counter() - before)
    return {name: Waits.of(some, sum(some)) for name, some in waits.items()}


class Client:
    """One connection to an HTTP server, kept open. It costs a twentieth of a library's client,
    which on two cores would be measured with the server."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._host, self._port = str(parts.hostname), parts.port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, asked: Asked) -> tuple[int, bytes]:
        """Status and body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(f"GET {path}?{urlencode(asked)} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))
        if b"connection: close" in head:
            self.close()
        return int(head.split(maxsplit=2)[1]), body

    def close(self) -> None:
        """Let go of the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Asking:
    """Asks the hub at `base` for searches, over one connection, from code that does not wait."""

    def __init__(self, base: str) -> None:
        self._runner = asyncio.Runner()
        self._client = Client(base)

    def ask(self, asked: Asked) -> int:
        """The answer's status.

        Raises:
            RuntimeError: it is neither results nor a refusal that says why.
        """
        return self._runner.run(_asked(self._client, asked))

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
        self._runner.close()


def at_once(base: str, make: Make, clients: int, seconds: float = SECONDS) -> Waits:
    """What the hub at `base` takes to answer searches, asked by so many clients at once. Raises as
    `Asking`."""
    return asyncio.run(_at_once(base, make, clients, seconds))


async def _at_once(base: str, make: Make, clients: int, seconds: float) -> Waits:
    waits, statuses = list[float](), list[int]()

    async def one_after_another(until: float) -> None:
        client = Client(base)
        while time.perf_counter() < until:
            asked, before = make(), time.perf_counter()
            statuses.append(await _asked(client, asked))
            waits.append(time.perf_counter() - before)
        client.close()

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another(began + seconds) for _ in range(clients)))
    return Waits.of(waits, time.perf_counter() - began, statuses.count(_REFUSED))


async def _asked(client: Client, asked: Asked) -> int:
    status, body = await client.get("/api/v1/search", asked)
    if status not in _EXPECTED:
        raise RuntimeError(f"{status} to {str(asked)[:200]}: {body[:200]!r}")
    return status
