"""Asking the hub over the connection that we hold to the broker: receipts, and comparisons.

What is asked and answered is counted, because comparing logs is meant to cost little.
"""

import asyncio
from collections.abc import Sequence

import nats.errors
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from nats.aio.client import Client

from bri_kit import digests, transport

_TRIES = 3
_PAUSE_SECONDS = 0.2


class HubAway(Exception):
    """The hub does not answer, or cannot; the message says which."""


class Hub:
    """The hub, as one centre asks it. `bytes` and `rounds` count from the beginning."""

    def __init__(self, client: Client, centre: str, timeout: float) -> None:
        self.bytes = 0
        self.rounds = 0
        self._client = client
        self._centre = centre
        self._timeout = timeout

    async def receipts(self, after: int) -> log_pb2.Receipts:
        """Receipts after a number, and where the hub stands.

        Raises:
            HubAway: there is no answer, or one that cannot be read.
        """
        request = log_pb2.ReceiptsRequest(after=after).SerializeToString()
        data = await self._ask(transport.ask_subject(self._centre), request, tries=1)
        try:
            return log_pb2.Receipts.FromString(data)
        except DecodeError as error:
            raise HubAway("The hub's receipts cannot be read.") from error

    async def compare(self, request: log_pb2.CompareRequest) -> log_pb2.CompareResponse:
        """The answer to one question.

        Raises:
            HubAway: there is no answer, or one that cannot be read, or the hub cannot give it.
        """
        subject = transport.compare_subject(self._centre)
        data = await self._ask(subject, request.SerializeToString(), _TRIES)
        try:
            response = log_pb2.CompareResponse.FromString(data)
        except DecodeError as error:
            raise HubAway("The hub's answer cannot be read.") from error
        if response.problem:
            raise HubAway(response.problem)
        return response

    async def digests(
        self, tree: log_pb2.Tree, level: int, ranges: Sequence[int], upto: int
    ) -> list[bytes]:
        """The digests of what lies within some ranges. Raises as `compare`."""
        question = log_pb2.DigestsQuestion(tree=tree, upto=upto, level=level, ranges=ranges)
        response = await self.compare(log_pb2.CompareRequest(digests=question))
        try:
            return digests.split(response.digests)
        except ValueError as error:
            raise HubAway(f"The hub's answer is not right: {error}.") from error

    async def _ask(self, subject: str, request: bytes, tries: int) -> bytes:
        for rest in range(tries - 1, -1, -1):
            try:
                answer = await self._client.request(subject, request, timeout=self._timeout)
            except (nats.errors.Error, TimeoutError) as error:
                # Right after the hub has begun to listen, not every server knows it yet.
                if rest and isinstance(error, nats.errors.NoRespondersError):
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                raise HubAway("The hub does not answer.") from error
            self.bytes += len(request) + len(answer.data)
            self.rounds += 1
            return answer.data
        raise AssertionError("the last try returns or raises")
