"""Sends ranges of the log to JetStream, a window at a time.

Rules:
- entries go out in the order of their numbers; a number counts as sent once the broker has it and
  all before it;
- the message id is the entry's hash, by which the broker recognises a repeat; what must arrive
  again gets a new id, which stays the same for some seconds, so that impatience does not multiply
  messages;
- a window ends early when the connection is made anew: its acknowledgements will not come.
"""

import asyncio
import time
from collections.abc import Sequence

import nats.errors
import structlog
from nats.aio.client import Client

from bri_kit import transport
from bri_kit.publishing import Outgoing, Publisher
from bri_node import journal, measures
from bri_node.journal import LogLine
from bri_node.store import Store

WINDOW = 256
_REPEAT_SECONDS = 5

logger = structlog.get_logger()


class Sender:
    """Sends one centre's entries over one connection; `sent` is the number it has come to."""

    def __init__(self, store: Store, centre: str, client: Client, sent: int) -> None:
        self.sent = sent
        self.problem = ""
        self.again: tuple[int, int] | None = None
        """What is being sent once more: from which number to which, both inclusive."""
        self._centre = centre
        self._store = store
        self._subject = transport.log_subject(centre)
        self._publisher = Publisher(client)
        self._interrupted = asyncio.Event()

    def interrupt(self) -> None:
        """Give up the window under way; the connection that it went out on is gone."""
        self._interrupted.set()

    async def send_new(self, last: int | None = None) -> bool:
        """Send everything that was not sent yet, up to the number `last`; False where the broker
        did not take it."""
        rows = await self._page(self.sent, last)
        while rows:
            following = asyncio.create_task(self._page(rows[-1].number, last))
            taken = await self._publish(rows)
            self.sent += taken
            if taken < len(rows):
                await following
                return False
            rows = await following
        return True

    async def send_again(self, first: int, last: int) -> bool:
        """Send once more a range of what was sent; False where the broker did not take it."""
        last = min(last, self.sent)
        logger.info("relay.sending_again", first=first, last=last)
        self.again = (first, last)
        suffix = f".{int(time.monotonic() // _REPEAT_SECONDS)}"
        rows = await self._page(first - 1, last)
        while rows:
            if await self._publish(rows, suffix) < len(rows):
                return False
            measures.RESENT.labels(self._centre).inc(len(rows))
            self.again = (rows[-1].number + 1, last)
            rows = await self._page(rows[-1].number, last)
        self.again = None
        return True

    async def _page(self, after: int, last: int | None = None) -> list[LogLine]:
        def read() -> list[LogLine]:
            with self._store.reading() as session:
                return journal.page(session, after, WINDOW, last)

        return await asyncio.to_thread(read)

    async def _publish(self, rows: Sequence[LogLine], suffix: str = "") -> int:
        """How many of `rows`, counted from the first, the broker has."""
        window = [Outgoing(row.hash.hex() + suffix, row.envelope) for row in rows]
        self._interrupted.clear()
        publishing = asyncio.create_task(self._publisher.publish(self._subject, window))
        interruption = asyncio.create_task(self._interrupted.wait())
        try:
            await asyncio.wait({publishing, interruption}, return_when=asyncio.FIRST_COMPLETED)
            errors = publishing.result() if publishing.done() else ["the connection was lost"]
        except (nats.errors.Error, OSError) as error:
            errors = [str(error) or repr(error)]
        finally:
            publishing.cancel()
            interruption.cancel()
        return self._taken(errors)

    def _taken(self, errors: Sequence[str | None]) -> int:
        for index, error in enumerate(errors):
            if error is not None:
                if error != self.problem:
                    logger.warning("relay.not_taken", error=error)
                self.problem = error
                return index
        self.problem = ""
        return len(errors)
