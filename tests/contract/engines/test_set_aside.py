"""A record that cannot be indexed does not stop the others, whichever engine it is."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bri.content.v1 import content_pb2
from structlog.testing import capture_logs

from bri_retrieval.embedded import EmbeddedEngine, binding
from bri_retrieval.embedded.documents import document as embedded_document
from bri_retrieval.engine import BatchFailed, Change, Engine, EngineUnavailable
from bri_retrieval.isolation import Isolation
from bri_retrieval.meili import documents
from bri_retrieval.set_aside import MOST_NAMED, SetAside
from bri_retrieval.stories.card import Card
from tests.contract.engines.conftest import Shelf, a_record

_ID = "sco:{:026d}"


class PanicException(BaseException):
    """As pyo3 raises it: not an Exception."""


@pytest.fixture
def unindexable(monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
    """Titles of which no document can be made, and what is raised instead."""
    raised: dict[str, BaseException] = {}

    def failing(make: Callable[[Card], object]) -> Callable[[Card], object]:
        def made(card: Card) -> object:
            for _, text in card.texts():
                if text.title in raised:
                    raise raised[text.title]
            return make(card)

        return made

    monkeypatch.setattr(binding, "document", failing(embedded_document))
    monkeypatch.setattr(documents, "document", failing(documents.document))
    return raised


@pytest.mark.parametrize("year", ["2871-11-26", "2926-01-01", "9999-12-31"])
def test_a_date_in_the_far_future_is_indexed(shelf: Shelf, year: str) -> None:
    """It is the newest of all; the others are found beside it."""
    shelf.put(a_record(1, en="Waste now"), a_record(2, en="Waste then", date=year))
    assert shelf.titles("waste", sort="newest") == ["Waste then", "Waste now"]
    assert shelf.titles(since=year) == ["Waste then"]


def _odd(number: int, **values: object) -> content_pb2.Record:
    record = a_record(number, en="Waste")
    for name, value in values.items():
        if isinstance(value, list):
            getattr(record, name).extend(value)
        else:
            setattr(record, name, value)
    return record


@pytest.mark.parametrize(
    "odd",
    [
        _odd(2, topics=["x" * 1_000_000]),
        _odd(2, topics=[f"t{each}" for each in range(20_000)]),
        _odd(2, countries=["\0", "\ufffe", ""]),
        _odd(2, kind=99),
        a_record(2, en=("Waste", "x" * 1_000_000)),
        a_record(2, en="Waste " * 50_000),
        a_record(2, zh="废" * 50_000),
        a_record(2, editions={"x" * 70_000: "Waste"}),
        a_record(2, en="Waste", date="x" * 100_000),
    ],
    ids=lambda odd: f"{odd.ByteSize()}",
)
def test_whatever_an_old_log_holds_others_are_found(shelf: Shelf, odd: content_pb2.Record) -> None:
    """In the same batch, and after it."""
    shelf.put(odd, a_record(1, en="Glacier"))
    shelf.put(a_record(3, en="Glacier too"))
    assert sorted(shelf.titles("glacier")) == ["Glacier", "Glacier too"]
    assert shelf.ask().total in (2, 3)


@pytest.mark.parametrize("raised", [ValueError("odd"), PanicException("panicked at src/lib.rs")])
def test_the_others_of_its_batch_are_found(
    shelf: Shelf, unindexable: dict[str, BaseException], raised: BaseException
) -> None:
    """The cursor moves on; the record is named with the reason, once, in the log as well."""
    unindexable["Bad"] = raised
    good, bad, last = (a_record(n, en=t) for n, t in enumerate(("Good", "Bad", "Last"), 1))
    with capture_logs() as logs:
        shelf.put(good, bad, last)
        shelf.put(a_record(4, en="Later"))
    assert sorted(shelf.titles()) == ["Good", "Last", "Later"]
    assert shelf.engine.cursor() == 4
    (told,) = [each for each in logs if each["event"] == "record.set_aside"]
    assert told["record"] == bad.id
    assert str(raised) in told["reason"]
    assert shelf.engine.set_aside().newest(5) == [bad.id]


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_ends_it(
    shelf: Shelf, unindexable: dict[str, BaseException], ending: type[BaseException]
) -> None:
    """It is nobody's problem to be set aside."""
    unindexable["Bad"] = ending()
    with pytest.raises(ending):
        shelf.put(a_record(1, en="Bad"))


def test_a_restart_keeps_the_list_and_a_revision_ends_it(
    open_engine: Callable[[], Engine], unindexable: dict[str, BaseException]
) -> None:
    """It is committed with the cursor."""
    unindexable["Bad"] = ValueError("odd")
    first = open_engine()
    first.apply([Change(1, _ID.format(1), a_record(1, en="Bad"))])
    first.commit()
    first.close()
    engine = open_engine()
    assert list(engine.set_aside().named) == [_ID.format(1)]
    engine.apply([Change(2, _ID.format(1), a_record(1, en="Mended"))])
    engine.commit()
    assert len(engine.set_aside()) == 0
    assert engine.count() == 1


def test_a_revision_that_cannot_be_indexed_hides_what_was_there(
    shelf: Shelf, unindexable: dict[str, BaseException]
) -> None:
    """What the record does not say any more is not found; who shares its card stays."""
    unindexable["Bad"] = ValueError("odd")
    one, two = a_record(1, en="Waste"), a_record(2, zh="废物")
    shelf.put(one, two)
    shelf.engine.bind([[one.id, two.id]])
    shelf.engine.commit()
    shelf.engine.apply([Change(9, one.id, a_record(1, en="Bad"))])
    shelf.engine.commit()
    assert shelf.titles() == ["废物"]
    assert shelf.engine.set_aside().newest(1) == [one.id]


def test_a_story_that_cannot_be_indexed_is_its_records(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are found, each by itself."""

    def failing(make: Callable[[Card], object]) -> Callable[[Card], object]:
        def made(card: Card) -> object:
            if len(card.members) > 1:
                raise ValueError("too long")
            return make(card)

        return made

    monkeypatch.setattr(binding, "document", failing(embedded_document))
    monkeypatch.setattr(documents, "document", failing(documents.document))
    one, two = a_record(1, en="Waste"), a_record(2, zh="废物")
    shelf.put(one, two)
    shelf.engine.bind([[one.id, two.id]])
    shelf.engine.commit()
    assert sorted(shelf.titles()) == ["Waste", "废物"]
    assert len(shelf.engine.set_aside()) == 0


def test_an_entry_that_is_not_what_it_says_is_set_aside(shelf: Shelf) -> None:
    """Unreadable ones, and those of another identifier, which may be the index's own."""
    engine = shelf.engine
    engine.apply(
        [
            Change(1, "sco:1", None, unreadable="Error parsing message"),
            Change(2, "sco:2", a_record(3, en="Waste")),
            Change(3, _ID.format(4), a_record(4, en="Good")),
        ]
    )
    engine.commit()
    assert shelf.titles() == ["Good"]
    assert dict(engine.set_aside().named)["sco:1"].endswith("Error parsing message")
    assert len(engine.set_aside()) == 2


def test_the_list_is_bounded() -> None:
    """The newest are named, the others counted."""
    listed = SetAside().updated([], {f"sco:{each}": "odd" for each in range(MOST_NAMED + 5)})
    assert (len(listed), len(listed.named)) == (MOST_NAMED + 5, MOST_NAMED)
    assert listed.newest(1) == [f"sco:{MOST_NAMED + 4}"]
    assert SetAside.load(listed.dump()) == listed


class Dying:
    """An engine that fails a batch with this record, and says nothing more of it."""

    def __init__(self, culprit: str) -> None:
        self.culprit, self.taken, self.aside = culprit, list[str](), list[str]()
        self.is_broken = False

    def take(self, changes: list[Change]) -> None:
        kept = [each for each in changes if not each.unreadable]
        if self.is_broken or any(each.record_id == self.culprit for each in kept):
            raise BatchFailed("the writer died")
        self.taken += [each.record_id for each in kept]
        self.aside += [each.record_id for each in changes if each.unreadable]


def _follow(engine: Dying, isolation: Isolation, count: int) -> Iterator[int]:
    cursor = 0
    while cursor < count:
        numbers = range(cursor + 1, min(cursor + isolation.most, count) + 1)
        batch = [isolation.screened(Change(n, f"sco:{n}", None)) for n in numbers]
        yield len(batch)
        try:
            engine.take(batch)
        except BatchFailed as reason:
            isolation.failed([(each.record_id, each.number) for each in batch], str(reason))
        else:
            isolation.succeeded()
            cursor = numbers[-1]


def test_a_batch_is_halved_until_the_culprit_is_found() -> None:
    """All others go in, in their order, and batches grow again."""
    engine, isolation = Dying("sco:700"), Isolation(1_000)
    sizes = list(_follow(engine, isolation, 3_000))
    assert engine.aside == ["sco:700"]
    assert engine.taken == [f"sco:{n}" for n in range(1, 3_001) if n != 700]
    assert len(sizes) < 50
    assert isolation.most == 1_000


def test_nobody_is_blamed_for_an_engine_that_is_broken() -> None:
    """Where it fails without the record as well, the record is tried again."""
    engine, isolation = Dying(""), Isolation(8)
    engine.is_broken = True
    for _ in itertools.islice(_follow(engine, isolation, 10), 20):
        pass
    assert engine.aside == []
    engine.is_broken = False
    cursor = list(_follow(engine, isolation, 10))
    assert cursor
    assert set(engine.taken) | set(engine.aside) == {f"sco:{n}" for n in range(1, 11)}


def test_a_writer_that_died_is_told_as_a_batch_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed stays; what was not comes again, and the engine goes on."""
    engine = EmbeddedEngine(tmp_path / "index")
    Shelf(engine).put(a_record(1, en="Waste"))
    add = binding.CardWriter._add

    def dying(self: binding.CardWriter, made: object) -> None:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(binding.CardWriter, "_add", dying)
    with pytest.raises(BatchFailed, match="index out of bounds"):
        engine.apply([Change(2, _ID.format(2), a_record(2, en="Glacier"))])
    monkeypatch.setattr(binding.CardWriter, "_add", add)
    assert (engine.cursor(), engine.count()) == (1, 1)
    engine.apply([Change(2, _ID.format(2), a_record(2, en="Glacier"))])
    engine.commit()
    assert engine.count() == 2
    engine.close()


def test_linking_that_fails_does_not_lose_what_others_applied(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever applied it is told, and applies it again."""
    one, two, three = (a_record(n, en=t) for n, t in enumerate(("One", "Two", "Three"), 1))
    shelf.put(one, two)
    engine = shelf.engine
    engine.apply([Change(3, three.id, three)])
    with monkeypatch.context() as broken:
        broken.setattr("bri_retrieval.embedded.storage.Storage.commit", _failing)
        broken.setattr("bri_retrieval.meili.shelf.Shelf.write", _failing)
        with pytest.raises(EngineUnavailable):
            _link(engine, one.id, two.id)
    with pytest.raises(EngineUnavailable, match="lost"):
        engine.apply([])
    assert engine.cursor() == 2
    engine.apply([Change(3, three.id, three)])
    engine.commit()
    assert engine.count() == 3


def _link(engine: Engine, *names: str) -> None:
    engine.bind([names])
    engine.commit()


def _failing(*_: object) -> None:
    raise ValueError("a worker thread died")
