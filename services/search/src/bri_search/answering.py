"""The search service over gRPC.

Rules:
- a question that breaks a limit is INVALID_ARGUMENT, told in words for people;
- an engine that is away is UNAVAILABLE: asking again later may help;
- questions are answered in threads: one that takes long holds up no other.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import grpc
from bri.search.v1 import search_pb2, search_pb2_grpc

from bri_retrieval import wire
from bri_retrieval.engine import Engine, EngineUnavailable, Query
from bri_search import questions
from bri_search.following import Follower

Answer = TypeVar("Answer")


class SearchService(search_pb2_grpc.SearchServiceServicer):
    """Answers from one engine, filled by one follower."""

    def __init__(self, engine: Engine, follower: Follower, workers: int) -> None:
        self._engine = engine
        self._follower = follower
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="search")

    async def Search(  # noqa: N802 - the contract's name
        self, request: search_pb2.SearchRequest, context: Any
    ) -> search_pb2.SearchResponse:
        """Records by words and filters."""

        def answer() -> search_pb2.SearchResponse:
            return wire.write_results(self._engine.search(questions.read_search(request)))

        return await self._answer(answer, context)

    async def Suggest(  # noqa: N802 - the contract's name
        self, request: search_pb2.SuggestRequest, context: Any
    ) -> search_pb2.SuggestResponse:
        """Completions of what is being typed."""

        def answer() -> search_pb2.SuggestResponse:
            found = self._engine.suggest(*questions.read_suggest(request))
            return wire.write_suggestions(found)

        return await self._answer(answer, context)

    async def Status(  # noqa: N802 - the contract's name
        self, request: search_pb2.StatusRequest, context: Any
    ) -> search_pb2.StatusResponse:
        """How far this replica has come."""

        def answer() -> search_pb2.StatusResponse:
            cursor = self._engine.cursor()
            return search_pb2.StatusResponse(
                cursor=cursor,
                head=max(self._follower.head, cursor),
                records=self._engine.count(),
                engine=self._engine.name,
            )

        return await self._answer(answer, context)

    async def warm_up(self) -> None:
        """Load what the first question needs, so that no reader waits for dictionaries."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._engine.search, Query("环境 water вода"))

    def close(self) -> None:
        """Wait for the questions under way."""
        self._threads.shutdown()

    async def _answer(self, answer: Callable[[], Answer], context: Any) -> Answer:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, answer)
        except questions.UnacceptableQuestion as reason:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(reason))
        except EngineUnavailable as reason:
            await context.abort(grpc.StatusCode.UNAVAILABLE, str(reason))
        raise AssertionError("abort always raises")
