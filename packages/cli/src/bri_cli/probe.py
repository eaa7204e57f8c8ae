"""Whether a service answers. By asyncio alone: the process that uses this must stay small."""

import asyncio
from dataclasses import dataclass

TIMEOUT_SECONDS = 3.0
MAX_ANSWER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer's status and body."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Probe:
    """Answers None where a service can serve, else what is missing, in words.

    With a path it asks HTTP and wants status 200, and an answer that does not say `without`; where
    there is no path it is content with a connection.
    """

    host: str
    port: int
    path: str = ""
    without: str = ""

    async def __call__(self) -> str | None:
        try:
            if not self.path:
                await _connect(self.host, self.port)
                return None
            answer = await fetch(self.host, self.port, self.path)
        except TimeoutError:
            return "it does not answer"
        except (OSError, ValueError) as error:
            return str(error) or type(error).__name__
        is_well = answer.status == 200 and not (self.without and self.without in answer.body)
        return None if is_well else f"it answers {answer.status}: {answer.body[:500]}"


async def _connect(host: str, port: int) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        _, writer = await asyncio.open_connection(host, port)
    writer.close()


async def fetch(host: str, port: int, path: str) -> Answer:
    """Ask an HTTP service for a path.

    Raises:
        OSError: nobody listens, or (TimeoutError) nobody answers.
        ValueError: the answer is not HTTP.
    """
    async with asyncio.timeout(TIMEOUT_SECONDS):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            # HTTP/1.0 keeps the answer unchunked, and its end is the connection's.
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
            answer = await reader.read(MAX_ANSWER_BYTES)
            while len(answer) < MAX_ANSWER_BYTES and (more := await reader.read(MAX_ANSWER_BYTES)):
                answer += more
        finally:
            writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(maxsplit=2)
    if len(words) < 2 or not words[1].isdigit():
        raise ValueError("it does not answer in HTTP")
    return Answer(int(words[1]), body.decode(errors="replace"))
