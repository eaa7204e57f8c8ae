"""The search service over gRPC.

Rules:
- a question that breaks a limit is INVALID_ARGUMENT, told in words for people;
- an engine that is away is UNAVAILABLE: asking again later may help;
- questions are answered in threads, so many at a time and each by its deadline (`capacity`): one
  that takes long is DEADLINE_EXCEEDED, one too many RESOURCE_EXHAUSTED, at once.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

import grpc
from bri.search.v1 import search_pb2, search_pb2_grpc

from bri_retrieval import wire
from bri_retrieval.engine import Engine, EngineUnavailable, Query
from bri_search import measures, questions
from bri_search.capacity import Capacity, TooLate, TooManyQuestions
from bri_search.embedding import Embedding
from bri_search.following import Follower
from bri_search.linking import Linking
from bri_search.questions import DEFAULT_LANGUAGE

Answer = TypeVar("Answer")

NEWEST_NAMED = 10
"""Records that the status names of those that could not be indexed."""

_REFUSALS: dict[type[Exception], tuple[grpc.StatusCode, str]] = {
    questions.UnacceptableQuestion: (grpc.StatusCode.INVALID_ARGUMENT, ""),
    EngineUnavailable: (grpc.StatusCode.UNAVAILABLE, ""),
    TooManyQuestions: (grpc.StatusCode.RESOURCE_EXHAUSTED, "too many questions are under way"),
    TooLate: (grpc.StatusCode.DEADLINE_EXCEEDED, "the question took too long"),
}
"""What callers are told; where there are no words, the exception's own."""


class SearchService(search_pb2_grpc.SearchServiceServicer):
    """Answers from one engine, filled by one follower."""

    def __init__(
        self,
        engine: Engine,
        follower: Follower,
        embedding: Embedding,
        linking: Linking,
        capacity: Capacity,
    ) -> None:
        self._engine = engine
        self._follower = follower
        self._embedding, self._linking = embedding, linking
        self._capacity = capacity
        self.warm = False
        """Whether the first reader need not wait for dictionaries."""

    async def Search(  # noqa: N802 - the contract's name
        self, request: search_pb2.SearchRequest, context: Any
    ) -> search_pb2.SearchResponse:
        """Records by words and filters."""

        def answer(deadline: float) -> search_pb2.SearchResponse:
            query = questions.read_search(request, deadline)
            results = self._engine.search(query)
            measures.PARTIAL.inc(results.partial)
            measures.BY_WORDS.inc(results.mode == "words" != query.mode and bool(query.text))
            return wire.write_results(results)

        return await self._answer("search", answer, context)

    async def Suggest(  # noqa: N802 - the contract's name
        self, request: search_pb2.SuggestRequest, context: Any
    ) -> search_pb2.SuggestResponse:
        """Completions of what is being typed."""

        def answer(_: float) -> search_pb2.SuggestResponse:
            found = self._engine.suggest(*questions.read_suggest(request))
            return wire.write_suggestions(found)

        return await self._answer("suggest", answer, context)

    async def Related(  # noqa: N802 - the contract's name
        self, request: search_pb2.RelatedRequest, context: Any
    ) -> search_pb2.SearchResponse:
        """Records about the same as one."""

        def answer(_: float) -> search_pb2.SearchResponse:
            found = self._engine.related(*questions.read_related(request))
            return wire.write_results(found)

        return await self._answer("related", answer, context)

    async def Percolate(  # noqa: N802 - the contract's name
        self, request: search_pb2.PercolateRequest, context: Any
    ) -> search_pb2.PercolateResponse:
        """Which of some records have what each of many questions asks."""

        def answer(_: float) -> search_pb2.PercolateResponse:
            ids, texts = questions.read_percolate(request)
            # Before the records are looked at: they are at least as new as that.
            cursor = self._engine.cursor()
            return wire.write_matches(cursor, ids, self._engine.percolate(ids, texts))

        return await self._answer("percolate", answer, context)

    async def Story(  # noqa: N802 - the contract's name
        self, request: search_pb2.StoryRequest, context: Any
    ) -> search_pb2.StoryResponse:
        """The records that tell the same as one."""

        def answer(_: float) -> search_pb2.StoryResponse:
            card = self._engine.cards([request.id]).get(request.id)
            members = card.members if card else ()
            own = [each for each in members if each.id == request.id]
            others = [each.id for each in members if each.id != request.id]
            decided = [name for each in own for name in each.joined if name in others]
            return search_pb2.StoryResponse(ids=others, decided=decided)

        return await self._answer("story", answer, context)

    async def Status(  # noqa: N802 - the contract's name
        self, request: search_pb2.StatusRequest, context: Any
    ) -> search_pb2.StatusResponse:
        """How far this replica has come."""

        def answer(_: float) -> search_pb2.StatusResponse:
            cursor, set_aside = self._engine.cursor(), self._engine.set_aside()
            return search_pb2.StatusResponse(
                cursor=cursor,
                head=max(self._follower.head, cursor),
                records=self._engine.count(),
                engine=self._engine.name,
                embedding_backlog=self._embedding.backlog + self._linking.backlog,
                meaning=self._embedding.name,
                set_aside_meaning=self._embedding.set_aside,
                set_aside=len(set_aside),
                set_aside_newest=set_aside.newest(NEWEST_NAMED),
                not_linked=len(self._linking.set_aside),
                remarks=self.remarks(),
            )

        return await self._answer("status", answer, context)

    def remarks(self) -> list[str]:
        """What operators should know of this replica though it answers. It is told in any thread,
        and does not wait for an engine that is away."""
        try:
            said, count = self._engine.remark(), len(self._engine.set_aside())
        except EngineUnavailable as reason:
            return [str(reason)]
        told = [said] if said else []
        if count:
            told.append(f"{count} records could not be indexed: see /api/v1/status of the hub")
        return told

    async def warm_up(self) -> None:
        """Load what the first question needs, so that no reader waits for dictionaries."""
        await asyncio.to_thread(self._engine.search, Query("环境 water вода"))
        await asyncio.to_thread(self._engine.suggest, "huanjing", DEFAULT_LANGUAGE, 1)
        self.warm = True

    async def _answer(self, kind: str, answer: Callable[[float], Answer], context: Any) -> Answer:
        began, outcome = monotonic(), "failed"
        try:
            answered = await self._capacity.answer(answer, context.time_remaining())
            outcome = "answered"
        except tuple(_REFUSALS) as reason:
            code, words = next(told for kind, told in _REFUSALS.items() if isinstance(reason, kind))
            outcome = code.name.lower()
            await context.abort(code, words or str(reason), trailing_metadata=(wire.TOLD,))
        finally:
            measures.QUESTION_SECONDS.labels(kind, outcome).observe(monotonic() - began)
        return answered
