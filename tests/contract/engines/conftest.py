"""The engines that the suite runs over. An engine that needs a server is skipped without one."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from bri.content.v1 import content_pb2

from bri_kit import content
from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change, Engine, Query, Results
from bri_retrieval.meili import MeiliEngine
from bri_retrieval.meili.server import Server
from tests.support.meili import MeiliPlace, meili_place

Text = str | tuple[str, str] | tuple[str, str, str]


def _embedded(_: pytest.FixtureRequest, path: Path) -> Engine:
    return EmbeddedEngine(path)


def _meilisearch(request: pytest.FixtureRequest, path: Path) -> Engine:
    server: MeiliPlace = request.getfixturevalue("meili")
    return MeiliEngine(server.url, server.key, server.index_for(path))


OPENERS: dict[str, Callable[[pytest.FixtureRequest, Path], Engine]] = {
    "embedded": _embedded,
    "meilisearch": _meilisearch,
}


@pytest.fixture(scope="session")
def meili(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeiliPlace]:
    """A real Meilisearch for all tests, each of which has indexes of its own."""
    with meili_place(tmp_path_factory.mktemp("meilisearch")) as place:
        yield place


def a_record(
    number: int,
    *,
    kind: str = "news",
    centre: str = "sco",
    date: str = "2020-01-01",
    countries: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    law_number: str = "",
    amends: Sequence[str] = (),
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
        record.policy.amends.extend(amends)
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
        opened.append(OPENERS[request.param](request, tmp_path / "index"))
        return opened[-1]

    yield opener
    for engine in opened[-1:]:  # none, where there is no server and the test is skipped
        engine.close()


@pytest.fixture
def drop_index(
    request: pytest.FixtureRequest, open_engine: Callable[[], Engine], tmp_path: Path
) -> Callable[[], None]:
    """Loses what the engine of this run keeps, as a broken disk would; it must be closed."""

    def drop() -> None:
        if request.node.callspec.params["open_engine"] == "embedded":
            shutil.rmtree(tmp_path / "index")
            return
        place: MeiliPlace = request.getfixturevalue("meili")
        server = Server(place.url, place.key)
        server.delete(place.index_for(tmp_path / "index"))
        server.close()

    return drop


@pytest.fixture
def shelf(open_engine: Callable[[], Engine]) -> Shelf:
    return Shelf(open_engine())


@pytest.fixture(scope="session")
def stock() -> Iterator[dict[str, Shelf]]:
    """Shelves that were filled for tests that only read."""
    shelves: dict[str, Shelf] = {}
    yield shelves
    for shelf in shelves.values():
        shelf.engine.close()


@pytest.fixture(params=OPENERS)
def stocked(
    request: pytest.FixtureRequest,
    stock: dict[str, Shelf],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Shelf]:
    """A shelf with these records, the same one for all tests that want them; not to be written."""

    def filled(*records: content_pb2.Record) -> Shelf:
        corpus = sha256(b"".join(each.SerializeToString() for each in records)).hexdigest()
        name = f"{request.param} {corpus}"
        if name not in stock:
            place = tmp_path_factory.mktemp("stock") / "index"
            stock[name] = Shelf(OPENERS[request.param](request, place))
            stock[name].put(*records)
        return stock[name]

    return filled
