"""Every parser of foreign bytes, as a function of bytes, with what it may raise and where to begin.

Rules:
- a parser returns, or raises what it says that it raises; anything else is a finding;
- it reads no network and no clock that matters, and leaves nothing behind.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from bri_exchange.oai.errors import ProtocolError
from bri_exchange.oai.requests import read_request, read_walk
from bri_harvesting import feeds, oai, pages, wordpress
from bri_harvesting.source import Findings, Limits, Source, SourceFailed
from bri_harvesting.tables import MappingFault, items_of, read_mapping
from bri_hub.alerts.websub import read_intent
from bri_kit import content, html, joining, trust
from bri_kit.errors import BriError
from bri_kit.fetching import Answer
from bri_kit.html_nesting import TooDeep
from bri_kit.sealing import SealBroken
from bri_node.desk import cleaning, oidc
from bri_node.inputs import RecordInput, RetractionInput
from bri_node.lines import Splitter
from bri_node.profile import NodeSettings
from bri_pages import asking
from bri_retrieval import question
from tests.chaos.fuzz import seeds
from tests.support.centres import Centre

LANGUAGES = ("en", "ru", "zh")
_URL = "https://source.example/feed"
_MOMENT = datetime(2026, 11, 30, tzinfo=UTC)
_LIMITS = Limits(bytes=1 << 20, items=200, requests=4, pause=0.0)


@dataclass(frozen=True, slots=True)
class Parser:
    """`read` takes foreign bytes; `raises` are the errors that it may answer with."""

    name: str
    read: Callable[[bytes], object]
    raises: tuple[type[Exception], ...]
    seeds: Sequence[bytes]

    def accepts(self, data: bytes) -> bool:
        """Whether the bytes were taken. Raises whatever the parser may not raise."""
        try:
            self.read(data)
        except self.raises:
            return False
        return True


class _Asker:
    """A server that answers everything with the same bytes."""

    pause = 0.0

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._left = _LIMITS.requests

    @property
    def has_requests_left(self) -> bool:
        return self._left > 0

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        self._left -= 1
        if self._left < 0:
            raise SourceFailed("too-many", "the server was asked too often")
        return Answer(200, {"content-type": "application/xml"}, self._body, url)

    async def ask(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self.get(url, headers)

    async def is_gone(self, url: str) -> int:
        return 0


Reader = Callable[[Source, dict[str, str], Any, Limits], Findings]


def _source(kind: Any, read: Reader) -> Callable[[bytes], object]:
    source = Source(kind, _URL, LANGUAGES, links="/a/", allowed="127.0.0.1")

    async def found(data: bytes) -> int:
        return len([each async for each in read(source, {}, _Asker(data), _LIMITS)])

    return lambda data: asyncio.run(found(data))


def _table(data: bytes) -> object:
    source = Source("table", _URL, LANGUAGES)
    return list(items_of(data, read_mapping(seeds.MAPPING), source, _LIMITS))


def _record(data: bytes) -> object:
    record = content_pb2.Record.FromString(data)
    problems = list(content.check(record, LANGUAGES))
    return problems or content.to_json(record, "published")


def _envelope(data: bytes) -> object:
    ledger = trust.Ledger("sco", seeds.KEY)
    return ledger.judge([data], lambda _: None)


def _lines(data: bytes) -> object:
    splitter = Splitter(1 << 16)
    lines = [*splitter.feed(data), *splitter.finish()]
    return [RecordInput.model_validate_json(each.data) for each in lines if each.data]


def _question(data: bytes) -> object:
    return question.read(_text(data))


def _filters(data: bytes) -> object:
    return asking.read(QueryParams(_text(data))).encoded()


def _harvest(data: bytes) -> object:
    request = read_request(parse_qsl(_text(data), keep_blank_values=True))
    return read_walk(request, ("oai_dc", "bri"))


def _websub(data: bytes) -> object:
    return read_intent(dict(parse_qsl(_text(data), keep_blank_values=True)), _MOMENT)


def _token(data: bytes) -> object:
    settings = NodeSettings(data=Path("/nonexistent"), oidc_issuer="https://id.example")
    return oidc.checked(_text(data), seeds.JWKS, settings, "nonce")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


_COMPARES = (log_pb2.CompareRequest, log_pb2.ReceiptsRequest, log_pb2.Receipts)

PARSERS: Mapping[str, Parser] = {
    each.name: each
    for each in (
        Parser("envelope", _envelope, (), [Centre("sco").publish(), b""]),
        Parser("record", _record, (DecodeError,), seeds.records()),
        Parser(
            "hints",
            lambda data: [each.FromString(data) for each in _COMPARES],
            (DecodeError,),
            [
                b"",
                b"\x0a\x03sco\x10\x05",
                log_pb2.Receipts(centre="sco", head=3).SerializeToString(),
            ],
        ),
        Parser("question", _question, (), seeds.QUESTIONS),
        Parser("filters", _filters, (), seeds.FILTERS),
        Parser("oai-request", _harvest, (ProtocolError,), seeds.HARVESTS),
        Parser("feed", _source("feed", feeds.read), (SourceFailed,), seeds.FEEDS),
        Parser("oai", _source("oai", oai.read), (SourceFailed,), seeds.OAI),
        Parser("wordpress", _source("wordpress", wordpress.read), (SourceFailed,), seeds.WORDPRESS),
        Parser("page", _source("page", pages.read), (SourceFailed,), seeds.PAGES),
        Parser("table", _table, (SourceFailed,), seeds.TABLES),
        Parser("mapping", lambda data: read_mapping(_text(data)), (MappingFault,), seeds.MAPPINGS),
        Parser("import", _lines, (ValidationError,), seeds.LINES),
        Parser(
            "retraction",
            RetractionInput.model_validate_json,
            (ValidationError,),
            [b'{"reason": "wrong"}'],
        ),
        Parser("oidc", _token, (oidc.ProviderFailed,), seeds.TOKENS),
        Parser(
            "join-request",
            lambda data: joining.open_request(_text(data)),
            (SealBroken,),
            seeds.requests(),
        ),
        Parser("letter", lambda data: joining.open_letter(_text(data)), (SealBroken,), [b"{}"]),
        Parser("websub", _websub, (BriError,), seeds.WEBSUB),
        Parser(
            "markup",
            lambda data: html.plain_text(html.sanitise(_text(data))),
            (TooDeep,),
            seeds.MARKUP,
        ),
        Parser("markdown", lambda data: html.from_markdown(_text(data)), (), seeds.MARKDOWN),
        Parser("paste", lambda data: cleaning.clean(_text(data)), (BriError,), seeds.MARKUP),
    )
}
