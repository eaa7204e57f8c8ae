"""Asking search, over gRPC, with a deadline, of any of its replicas.

Rules:
- search is away when no answer comes within DEADLINE_SECONDS;
- replicas are asked in turn; where one is away or has its hands full, the question is asked once
  more, of the next one, in the time that is left: questions change nothing, so they may be;
- one that said nothing in time is passed over for REST_SECONDS, as long as there are others;
- a connection is tried again often, because gRPC by itself would wait ever longer, up to two
  minutes. An address whose name stands for several replicas is asked of all of them in turn.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from bri.search.v1 import search_pb2, search_pb2_grpc

from bri_kit.errors import BriError, InvalidInput, Unavailable
from bri_retrieval import wire
from bri_retrieval.engine import Query, Results, Suggestion

DEADLINE_SECONDS = 2.0
REST_SECONDS = 5.0
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
    ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
    # Each client of this process has connections of its own.
    ("grpc.use_local_subchannel_pool", 1),
)

Ask = Callable[[Any, float], Any]
"""A call of a stub, with this many seconds of time."""


@dataclass(slots=True)
class _Replica:
    """`resting` is until when, by the process's clock, it is passed over."""

    channel: grpc.aio.Channel
    stub: Any
    resting: float = 0.0


class SearchClient:
    """Search at `addresses` (`host:port`, several separated by commas). Belongs to one event
    loop."""

    def __init__(self, addresses: str) -> None:
        told = [each.strip() for each in addresses.split(",") if each.strip()]
        self._replicas = [_connect(address) for address in told or [addresses]]
        self._turn = 0

    async def close(self) -> None:
        """Let go of the connections."""
        for replica in self._replicas:
            await replica.channel.close()

    async def _ask(self, ask: Ask) -> Any:
        """What the first of two replicas answers, or the one again where there is one.

        Raises:
            Unavailable: none answers.
            InvalidInput: the question is not taken.
        """
        until = time.monotonic() + DEADLINE_SECONDS
        first, second = self._next_two()
        try:
            return await self._try(first, ask, until)
        except grpc.aio.AioRpcError as error:
            if not _may_help(error, again=first is second) or time.monotonic() >= until:
                raise _told(error) from error
        try:
            return await self._try(second, ask, until)
        except grpc.aio.AioRpcError as error:
            raise _told(error) from error

    async def _try(self, replica: _Replica, ask: Ask, until: float) -> Any:
        try:
            return await ask(replica.stub, until - time.monotonic())
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                replica.resting = time.monotonic() + REST_SECONDS
            raise

    def _next_two(self) -> tuple[_Replica, _Replica]:
        self._turn += 1
        count = len(self._replicas)
        order = [self._replicas[(self._turn + step) % count] for step in range(count)]
        order.sort(key=_is_doubtful)
        return order[0], order[1 % count]

    async def search(self, query: Query) -> Results:
        """The answer to a reader's question.

        Raises:
            Unavailable: the service does not answer.
            InvalidInput: the service does not take the question.
        """
        request = wire.write_query(query)
        answer = await self._ask(lambda stub, left: stub.Search(request, timeout=left))
        return wire.read_results(answer)

    async def related(self, record_id: str, language: str, limit: int) -> Results:
        """The records most like one. Raises as `search` does."""
        request = search_pb2.RelatedRequest(id=record_id, language=language, limit=limit)
        answer = await self._ask(lambda stub, left: stub.Related(request, timeout=left))
        return wire.read_results(answer)

    async def suggest(self, text: str, language: str, limit: int) -> list[Suggestion]:
        """Completions, the best first. Raises as `search` does."""
        request = search_pb2.SuggestRequest(text=text, language=language, limit=limit)
        answer = await self._ask(lambda stub, left: stub.Suggest(request, timeout=left))
        return wire.read_suggestions(answer)

    async def story(self, record_id: str) -> tuple[Sequence[str], Sequence[str]]:
        """The other records of a record's story, and those of them that editors joined with it.
        Raises as `search` does."""
        request = search_pb2.StoryRequest(id=record_id)
        answer = await self._ask(lambda stub, left: stub.Story(request, timeout=left))
        return list(answer.ids), list(answer.decided)

    async def percolate(
        self, record_ids: Sequence[str], texts: Sequence[str], change: int
    ) -> list[set[str]]:
        """For each of `texts`, those of the records that have everything it asks, as they are
        since the change of this number. Raises as `search` does, and Unavailable where search has
        not come that far."""
        request = search_pb2.PercolateRequest(ids=record_ids, texts=texts)
        answer = await self._ask(lambda stub, left: stub.Percolate(request, timeout=left))
        if answer.cursor < change:
            raise Unavailable("Search has not come to these changes yet.")
        return wire.read_matches(answer, record_ids)

    async def status(self) -> search_pb2.StatusResponse:
        """How far the service has come. Raises as `search` does."""
        request = search_pb2.StatusRequest()
        answer: search_pb2.StatusResponse = await self._ask(
            lambda stub, left: stub.Status(request, timeout=left)
        )
        return answer


def _connect(address: str) -> _Replica:
    channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
    return _Replica(channel, search_pb2_grpc.SearchServiceStub(channel))


def _is_doubtful(replica: _Replica) -> bool:
    """Whether others are asked first."""
    state = replica.channel.get_state(try_to_connect=True)
    broken = state is grpc.ChannelConnectivity.TRANSIENT_FAILURE
    return broken or replica.resting > time.monotonic()


def _may_help(error: grpc.aio.AioRpcError, *, again: bool) -> bool:
    """Whether asking another replica may help, or, with `again`, the same one."""
    if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return not again
    return error.code() is grpc.StatusCode.UNAVAILABLE


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
