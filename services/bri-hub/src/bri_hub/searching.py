"""Asking the search service, over one gRPC connection, with a deadline.

It is away when it does not answer within DEADLINE_SECONDS; the connection is tried again often,
because gRPC by itself would wait ever longer, up to two minutes.
"""

from collections.abc import Sequence

import grpc
from bri.search.v1 import search_pb2, search_pb2_grpc

from bri_kit.errors import BriError, InvalidInput, Unavailable
from bri_retrieval import wire
from bri_retrieval.engine import Query, Results, Suggestion

DEADLINE_SECONDS = 2.0
_OPTIONS = (
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_http_proxy", 0),
    # A connection that died without a word is noticed, also between questions.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


class SearchClient:
    """The search service at `address` (`host:port`). Belongs to one event loop."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
        self._stub = search_pb2_grpc.SearchServiceStub(self._channel)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._channel.close()

    async def search(self, query: Query) -> Results:
        """The answer to a reader's question.

        Raises:
            Unavailable: the service does not answer.
            InvalidInput: the service does not take the question.
        """
        request = wire.write_query(query)
        try:
            answer = await self._stub.Search(request, timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise _told(error) from error
        return wire.read_results(answer)

    async def related(self, record_id: str, language: str, limit: int) -> Results:
        """The records most like one. Raises as `search` does."""
        request = search_pb2.RelatedRequest(id=record_id, language=language, limit=limit)
        try:
            answer = await self._stub.Related(request, timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise _told(error) from error
        return wire.read_results(answer)

    async def suggest(self, text: str, language: str, limit: int) -> list[Suggestion]:
        """Completions, the best first. Raises as `search` does."""
        request = search_pb2.SuggestRequest(text=text, language=language, limit=limit)
        try:
            answer = await self._stub.Suggest(request, timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise _told(error) from error
        return wire.read_suggestions(answer)

    async def story(self, record_id: str) -> tuple[Sequence[str], Sequence[str]]:
        """The other records of a record's story, and those of them that editors joined with it.
        Raises as `search` does."""
        request = search_pb2.StoryRequest(id=record_id)
        try:
            answer = await self._stub.Story(request, timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise _told(error) from error
        return list(answer.ids), list(answer.decided)

    async def percolate(
        self, record_ids: Sequence[str], texts: Sequence[str], change: int
    ) -> list[set[str]]:
        """For each of `texts`, those of the records that have everything it asks, as they are
        since the change of this number. Raises as `search` does, and Unavailable where search has
        not come that far."""
        request = search_pb2.PercolateRequest(ids=record_ids, texts=texts)
        try:
            answer = await self._stub.Percolate(request, timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise _told(error) from error
        if answer.cursor < change:
            raise Unavailable("Search has not come to these changes yet.")
        return wire.read_matches(answer, record_ids)

    async def status(self) -> search_pb2.StatusResponse:
        """How far the service has come. Raises as `search` does."""
        try:
            request = search_pb2.StatusRequest()
            answer: search_pb2.StatusResponse = await self._stub.Status(
                request, timeout=DEADLINE_SECONDS
            )
        except grpc.aio.AioRpcError as error:
            raise _told(error) from error
        return answer


def _told(error: grpc.aio.AioRpcError) -> BriError:
    code = error.code()
    if code is grpc.StatusCode.INVALID_ARGUMENT:
        return InvalidInput(error.details() or "Search does not take this question.")
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return Unavailable("Search has as many questions as it can answer. Ask again in a moment.")
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        # What gRPC itself says of a connection is for no reader.
        told = wire.TOLD in tuple(error.trailing_metadata() or ())
        reason = f": {error.details()}" if told else ""
        return Unavailable(
            f"Search does not answer{reason}. Records can still be read by their address."
        )
    return BriError(f"Search failed: {code.name}.")
