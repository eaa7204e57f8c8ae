"""The engines that the suite runs over. An engine that needs a server is skipped without one."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from bri.content.v1 import content_pb2

from bri_kit import content
from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change, Engine, Query, Results

Text = str | tuple[str, str] | tuple[str, str, str]


def _embedded(path: Path) -> Engine:
    return EmbeddedEngine(path)


OPENERS: dict[str, Callable[[Path], Engine]] = {"embedded": _embedded}


def a_record(
    number: int,
    *,
    kind: str = "news",
    centre: str = "sco",
    date: str = "2020-01-01",
    countries: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    law_number: str = "",
    editions: Mapping[str, Text] | None = None,
    **more: Text,
) -> content_pb2.Record:
    """A record; an edition is a title, or a title and a body, or a title, a summary and a body."""
    editions = {**(editions or {}), **more}
    record = content_pb2.Record(
        id=f"{centre}:{number:026d}",
        revision=1,
        kind=content.KINDS[kind],
        original_language=next(iter(editions)),
        countries=countries,
        topics=topics,
        dates=content_pb2.Dates(original=date),
    )
    if law_number:
        record.policy.number = law_number
    for language, text in editions.items():
        title, *rest = (text,) if isinstance(text, str) else text
        body, summary = (rest[-1] if rest else title), (rest[0] if len(rest) > 1 else "")
        record.editions.add(language=language, title=title, summary=summary, body=f"<p>{body}</p>")
    return record


class Shelf:
    """An engine that is filled and asked in a few words."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._numbers = count(1)

    def put(self, *records: content_pb2.Record) -> None:
        """Publish `records`, findable at once."""
        self.engine.apply([Change(next(self._numbers), each.id, each) for each in records])
        self.engine.commit()

    def remove(self, record: content_pb2.Record) -> None:
        self.engine.apply([Change(next(self._numbers), record.id, None)])
        self.engine.commit()

    def ask(self, text: str = "", language: str = "en", **filters: Any) -> Results:
        return self.engine.search(Query(text, language, **filters))

    def titles(self, text: str = "", language: str = "en", **filters: Any) -> list[str]:
        return [hit.title for hit in self.ask(text, language, **filters).hits]

    def snippet(self, text: str, language: str = "en") -> str:
        """The snippet of the only hit."""
        (hit,) = self.ask(text, language).hits
        return hit.snippet

    def suggested(self, text: str, language: str = "en", limit: int = 5) -> list[str]:
        return [each.text for each in self.engine.suggest(text, language, limit)]


@pytest.fixture(params=OPENERS)
def open_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Opens the engine of this run on the same place each time."""
    opened: list[Engine] = []

    def opener() -> Engine:
        opened.append(OPENERS[request.param](tmp_path / "index"))
        return opened[-1]

    yield opener
    opened[-1].close()


@pytest.fixture
def shelf(open_engine: Callable[[], Engine]) -> Shelf:
    return Shelf(open_engine())
