"""Embedding in the background: the newest first, never twice, never for what is gone."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from bri.content.v1 import content_pb2
from structlog.testing import capture_logs

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change
from bri_retrieval.meaning import background, backlog
from bri_retrieval.meaning.background import stock
from bri_retrieval.meaning.backlog import Worker
from bri_retrieval.meaning.input_text import DENSE_QUESTION, QUESTION
from bri_retrieval.meaning.meaning import Meaning
from tests.support.embedding import RememberingEmbedder, embed_all
from tests.support.waiting import eventually


def a_change(number: int, title: str, record: int = 0) -> Change:
    name = f"sco:{record or number:026d}"
    edition = content_pb2.Edition(language="en", title=title, body=f"<p>{title}</p>")
    published = content_pb2.Record(id=name, original_language="en", editions=[edition])
    return Change(number, name, published)


class Place:
    """An engine and its meaning on one directory, opened again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.embedder = RememberingEmbedder()

    def open(self) -> None:
        self.meaning = Meaning(self.path / "meaning", self.embedder)
        self.engine = EmbeddedEngine(self.path / "index", meaning=self.meaning)
        self.worker = Worker(self.meaning, self.engine)

    def put(self, *changes: Change) -> None:
        self.engine.apply(changes)
        self.engine.commit()

    def embed(self) -> list[str]:
        """The titles that were embedded now, in their order."""
        embed_all(self.meaning, self.engine)
        return self.titles()

    def titles(self) -> list[str]:
        known = {text for texts in stock().values() for text in texts}
        embedded, self.embedder.embedded = self.embedder.embedded, []
        return [text.partition("\n")[0] for text in embedded if text not in known]

    def close(self) -> None:
        self.worker.close()
        self.engine.close()
        self.meaning.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    place.open()
    yield place
    place.close()


def test_the_newest_record_is_embedded_first(place: Place) -> None:
    """What was published a minute ago does not wait for what was published last year."""
    place.put(*(a_change(n, f"Record {n}") for n in (1, 2, 3)))
    place.put(a_change(4, "Record 4"))
    assert place.embed() == ["Record 4", "Record 3", "Record 2", "Record 1"]
    assert place.meaning.backlog() == 0


def test_the_backlog_survives_a_restart(place: Place) -> None:
    """What waits, waits on; what has its vectors is not embedded again."""
    place.put(a_change(1, "Record 1"))
    place.embed()
    place.put(a_change(2, "Record 2"))
    place.close()
    place.open()
    assert place.meaning.backlog() == 1
    assert place.embed() == ["Record 2"]


def test_unchanged_text_is_not_embedded_again(place: Place) -> None:
    """A revision that changes no text keeps the vectors; one that does gets new ones."""
    place.put(a_change(1, "Record 1"))
    place.embed()
    place.put(a_change(2, "Record 1", record=1))
    assert place.embed() == []
    place.put(a_change(3, "Another title", record=1))
    assert place.embed() == ["Another title"]
    assert len(place.meaning.vectors.rows(f"sco:{1:026d}")) == 1


def test_what_is_applied_and_not_committed_is_not_embedded(place: Place) -> None:
    """The text of a change can be read after the commit; till then its record waits."""
    place.put(a_change(1, "Old"))
    place.engine.apply([a_change(2, "New", record=1)])
    assert place.embed() == ["Old"]
    place.engine.commit()
    assert place.embed() == ["New"]


def test_a_record_that_goes_while_it_is_embedded_gets_no_vectors(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A retraction wins over an embedding that was under way."""
    place.put(a_change(1, "Record 1"))
    embed = place.embedder.embed_passages

    def retract_meanwhile(texts: list[str]) -> object:
        if texts[0].startswith("Record 1"):
            place.put(Change(2, f"sco:{1:026d}", None))
        return embed(texts)

    monkeypatch.setattr(place.embedder, "embed_passages", retract_meanwhile)
    place.embed()
    assert len(place.meaning.vectors) == 0
    assert place.meaning.backlog() == 0


def test_forgetting_everything_forgets_the_vectors(place: Place) -> None:
    """A log that begins anew begins without vectors."""
    place.put(a_change(1, "Record 1"))
    place.embed()
    place.engine.clear()
    assert (len(place.meaning.vectors), place.meaning.backlog()) == (0, 0)
    place.put(a_change(1, "Record 2"))
    assert place.embed() == ["Record 2"]


async def test_the_worker_waits_for_an_embedder_that_is_away(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An embedder that comes back finds everything still waiting."""
    monkeypatch.setattr(backlog, "FIRST_PAUSE", 0.01)
    place.embedder.away = True
    place.worker.start()
    place.put(a_change(1, "Record 1"))
    assert place.engine.count() == 1
    place.embedder.away = False

    async def left() -> int:
        return place.meaning.backlog()

    await eventually(left, lambda count: count == 0, seconds=60)
    place.put(a_change(2, "Record 2"))
    await eventually(left, lambda count: count == 0, seconds=60)
    assert place.titles() == ["Record 1", "Record 2"]


async def test_the_worker_outlives_what_nobody_thought_of(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure of any kind is told, and what it concerned is tried again."""
    monkeypatch.setattr(backlog, "FIRST_PAUSE", 0.01)
    place.meaning.learn_background()
    embed, failures = place.embedder.embed_passages, [ValueError("odd")]

    def fail_once(texts: list[str]) -> object:
        if failures:
            raise failures.pop()
        return embed(texts)

    monkeypatch.setattr(place.embedder, "embed_passages", fail_once)

    async def left() -> int:
        return place.meaning.backlog()

    with capture_logs() as told:
        place.put(a_change(1, "Record 1"))
        place.worker.start()
        await eventually(left, lambda count: count == 0, seconds=60)
    assert [each["event"] for each in told] == ["embedding.failed"]


def test_closing_waits_for_no_embedder(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An embedder that answers after everything was closed does no harm; its record still waits."""
    monkeypatch.setattr(backlog, "LONGEST_END", 0.05)
    asked, may_answer = Event(), Event()
    embed = place.embedder.embed_passages

    def answer_late(texts: list[str]) -> object:
        asked.set()
        may_answer.wait()
        return embed(texts)

    place.meaning.learn_background()
    monkeypatch.setattr(place.embedder, "embed_passages", answer_late)
    place.put(a_change(1, "Record 1"))
    place.worker.start()
    asked.wait()
    with capture_logs() as told:
        place.close()
        may_answer.set()
        place.worker.close()
    assert told == []
    monkeypatch.undo()
    place.open()
    assert place.meaning.backlog() == 1


def test_another_model_embeds_everything_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors of different models do not compare."""
    monkeypatch.setattr(background, "stock", lambda: {"en": ["Waste"]})
    place.put(a_change(1, "Record 1"))
    place.embed()
    place.close()
    place.embedder = RememberingEmbedder("another model")
    place.open()
    assert place.embed() == ["Waste", "Record 1"]


def test_told_of_each_record(place: Place) -> None:
    """Whoever links records hears of each that got its vectors."""
    heard: list[str] = []
    worker = Worker(place.meaning, place.engine, heard.append)
    place.put(a_change(1, "Record 1"), a_change(2, "Record 2"))
    place.meaning.learn_background()
    while worker.work():
        pass
    assert heard == [f"sco:{n:026d}" for n in (2, 1)]


def test_of_a_long_question_only_the_beginning_is_embedded(place: Place) -> None:
    """What comes after it would keep the reader waiting, and has no say in what is found."""
    long = "How is municipal waste sorted? " * 12
    asked = place.meaning.embed(long[:QUESTION])
    assert np.array_equal(asked, place.meaning.embed(f"{long}{'and so on ' * 500}"))
    dense = "城市垃圾如何分类？" * 20
    assert np.array_equal(
        place.meaning.embed(dense[:DENSE_QUESTION]), place.meaning.embed(dense * 10)
    )
