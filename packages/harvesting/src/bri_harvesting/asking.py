"""Asking a source's server: politely, one request at a time, and never more than was agreed.

Rules:
- requests go through `bri_kit.fetching`, which refuses private addresses, and what is
  too large, also once it is unfolded, or too slow;
- between two requests there is a pause; we say who we are;
- an answer that was had before is asked for only if it changed (RFC 9110, 13);
- a server that says that it is busy is left alone for as long as it says.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bri_harvesting import cpu_time
from bri_harvesting.source import Cursor, Limits, Source, SourceFailed
from bri_kit import fetching
from bri_kit.addresses import parse_networks
from bri_kit.fetching import Answer, Bounds, FetchRefused

AGENT = "bri-harvester/0.1 (environmental information federation; reads feeds for their centre)"
_LONGEST_WAIT = 7 * 86_400
_PROBED_BYTES = 64 * 1024
_CODES: Mapping[type[FetchRefused], str] = {
    fetching.AddressRefused: "address-refused",
    fetching.AnswerTooLarge: "too-large",
    fetching.AnswerTooSlow: "too-slow",
    fetching.AnswerUnreadable: "compressed",
    fetching.Unanswered: "unreachable",
}


class Asker:
    """One reading's requests. Belongs to one task."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self._allowed = parse_networks(source.allowed)
        self._limits = limits
        self._asked = self._bytes = 0
        self._free_at = 0.0
        self._began = time.process_time()
        self.pause = limits.pause
        """Seconds between two requests; a site may ask for more."""

    @property
    def has_requests_left(self) -> bool:
        """Whether one more may be sent, and there is processor time left for its answer."""
        has_time = time.process_time() - self._began < self._limits.all_cpu_seconds
        return has_time and self._asked < self._limits.requests

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """What is at `url`, answered with 200 or, where `headers` ask so, 304.

        Raises:
            SourceFailed: there is nothing usable.
        """
        answer = await self.ask(url, headers)
        if answer.status in (200, 304):
            return answer
        raise refusal(answer, url)

    async def ask(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """What is answered at `url`, whatever its status. Raises SourceFailed."""
        if not self.has_requests_left:
            limits = self._limits
            detail = f"{limits.requests} requests or {limits.all_cpu_seconds:g} s of processor time"
            raise SourceFailed("too-many", f"more than {detail} are needed")
        left = min(self._limits.bytes, self._limits.all_bytes - self._bytes)
        answer = await self._fetch(url, max(left, 0), headers or {})
        self._bytes += len(answer.body)
        mib = len(answer.body) / (1024 * 1024)
        cpu_time.allow(self._limits.cpu_seconds + mib * self._limits.cpu_seconds_a_mib)
        return answer

    async def is_gone(self, url: str) -> int:
        """The status by which a server says that there is nothing at `url` any more; 0 where it
        does not say so."""
        try:
            answer = await self._fetch(url, _PROBED_BYTES, {})
        except SourceFailed:
            return 0
        return answer.status if answer.status in (404, 410) else 0

    async def _fetch(self, url: str, max_bytes: int, headers: Mapping[str, str]) -> Answer:
        await asyncio.sleep(max(0.0, self._free_at - time.monotonic()))
        self._asked += 1
        cpu_time.stop()
        limits = self._limits
        bounds = Bounds(self._allowed, max_bytes, limits.seconds, limits.redirects)
        try:
            return await fetching.fetch(url, bounds, headers={"User-Agent": AGENT, **headers})
        except FetchRefused as fact:
            code = _CODES.get(type(fact), "unreachable")
            raise SourceFailed(code, f"{_shown(url)}: {fact}") from None
        finally:
            self._free_at = time.monotonic() + self.pause


def conditions(cursor: Cursor) -> dict[str, str]:
    """Headers that ask for an answer only if it is another than the one at the cursor."""
    headers = {}
    if cursor.get("etag"):
        headers["If-None-Match"] = cursor["etag"]
    if cursor.get("modified"):
        headers["If-Modified-Since"] = cursor["modified"]
    return headers


def validators(answer: Answer) -> Cursor:
    """What to ask with the next time."""
    found = {"etag": answer.headers.get("etag"), "modified": answer.headers.get("last-modified")}
    return {name: value[:500] for name, value in found.items() if value}


def refusal(answer: Answer, url: str) -> SourceFailed:
    """The failure that an answer is whose status is not the one that was needed."""
    if answer.status in (429, 503):
        wait = _retry_after(answer.headers.get("retry-after", ""))
        return SourceFailed("busy", f"{_shown(url)} answers {answer.status}", wait)
    return SourceFailed("bad-status", f"{_shown(url)} answers {answer.status}")


def _retry_after(text: str) -> int:
    """Seconds that a server asks for (RFC 9110, 10.2.3)."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(int(text), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, min(int((moment - datetime.now(UTC)).total_seconds()), _LONGEST_WAIT))


def _shown(url: str) -> str:
    """An address without its query, which may hold a key."""
    return url.partition("?")[0][:200]
