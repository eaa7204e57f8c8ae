"""Centres' questions, answered in turn.

Rules:
- whatever arrives is put aside at once, so that the broker's client never drops one centre's
  question because of another's;
- of each centre the newest MOST_WAITING questions wait, of together MAX_BYTES; older ones are
  dropped, since whoever asks again does not wait for them any more;
- centres are answered in turn, one question each, the newest first;
- an answer goes to an inbox of the centre that asked, and nowhere else.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from bri_hub import measures
from bri_kit import transport
from bri_kit.access import is_inbox_of
from bri_kit.ending import end

MOST_WAITING = 4
MAX_BYTES = 8 * 1024 * 1024
MOST_CENTRES = 10_000

Answer = Callable[[str, bytes], Awaitable[bytes | None]]
"""The answer to a question of a centre; None where there is none."""

logger = structlog.get_logger()


class Waiting:
    """Questions that wait. Pure: it is told what arrives, and hands out what is next."""

    def __init__(self) -> None:
        self._by_centre: OrderedDict[str, deque[Msg]] = OrderedDict()

    def add(self, centre: str, message: Msg) -> int:
        """Put a question aside; how many older ones are dropped for it."""
        waiting = self._by_centre.setdefault(centre, deque())
        waiting.append(message)
        dropped = 0
        while len(waiting) > MOST_WAITING or (len(waiting) > 1 and _size(waiting) > MAX_BYTES):
            waiting.popleft()
            dropped += 1
        if len(self._by_centre) > MOST_CENTRES:
            _, others = self._by_centre.popitem(last=False)
            dropped += len(others)
        return dropped

    def take(self) -> tuple[str, Msg] | None:
        """The newest question of the centre whose turn it is; None where nothing waits."""
        if not self._by_centre:
            return None
        centre, waiting = self._by_centre.popitem(last=False)
        message = waiting.pop()
        if waiting:
            self._by_centre[centre] = waiting
        return centre, message

    def __len__(self) -> int:
        return sum(map(len, self._by_centre.values()))


@asynccontextmanager
async def answering(client: Client, kind: str, subject: str, answer: Answer) -> AsyncIterator[None]:
    """Every centre's questions on `subject` are answered inside the block; `kind` is what they are
    called where they are counted."""
    waiting, arrived = Waiting(), asyncio.Event()

    async def take(message: Msg) -> None:
        centre = transport.centre_of_subject(message.subject)
        if dropped := waiting.add(centre, message):
            measures.QUESTIONS_DROPPED.labels(kind).inc(dropped)
        arrived.set()

    async def work() -> None:
        while True:
            await arrived.wait()
            while found := waiting.take():
                await _answer(client, *found, answer)
            arrived.clear()

    subscription = await client.subscribe(subject, cb=take)
    working = asyncio.create_task(work(), name=f"questions.{kind}")
    try:
        yield
    finally:
        await end(working)
        if not client.is_closed:
            await subscription.unsubscribe()


async def _answer(client: Client, centre: str, message: Msg, answer: Answer) -> None:
    try:
        answered = await answer(centre, message.data)
        if answered is not None and is_inbox_of(message.reply, centre):
            await client.publish(message.reply, answered)
    except nats.errors.Error as error:
        logger.warning("question.unanswered", centre=centre, error=repr(error))
    except Exception:
        # One question must not end the answering of all others.
        logger.exception("question.failed", centre=centre, subject=message.subject)


def _size(messages: deque[Msg]) -> int:
    return sum(len(each.data) for each in messages)
