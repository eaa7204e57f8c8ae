"""Vectors on a real disk: kept, found, forgotten, and never believed when torn."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bri_retrieval.meaning import ledger
from bri_retrieval.meaning.embedder import Vector, unit
from bri_retrieval.meaning.ledger import Ledger
from bri_retrieval.meaning.vectors import Row, Vectors, VectorsUnavailable
from tests.support.damage import rot

DIMENSIONS = 64


def a_vector(seed: int) -> Vector:
    chance = np.random.default_rng(seed)
    vector: Vector = unit(chance.standard_normal((1, DIMENSIONS), np.float32))[0]
    return vector


class Place:
    """A directory of vectors that is opened again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: Vectors | None = None

    def open(self, model: str = "a model", scanned: int = 20_000) -> Vectors:
        self.close()
        self._opened = Vectors(self.path, model, DIMENSIONS, scanned=scanned)
        return self._opened

    def close(self) -> None:
        if self._opened:
            self._opened.close()
        self._opened = None


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


def fill(vectors: Vectors, count: int = 100) -> None:
    for seed in range(count):
        language = ("zh", "en", "ru")[seed % 3]
        vectors.put(f"sco:{seed}", [Row(language, 0, a_vector(seed))], key=f"k{seed}")
    vectors.commit()


def test_room_is_made_again_and_again(place: Place) -> None:
    """However many rows a record has, more of them than there is room for are taken in."""
    vectors = place.open()
    for record in range(250):
        rows = [Row("en", each, a_vector(5 * record + each)) for each in range(5)]
        vectors.put(f"sco:{record}", rows)
    vectors.commit()
    assert len(vectors) == 1_250
    assert vectors.nearest(a_vector(1_249), 1)[0].record_id == "sco:249"


@pytest.mark.parametrize("scanned", [20_000, 10])
def test_the_nearest_come_first_and_survive(place: Place, scanned: int) -> None:
    """One by one or by an approximate index, the nearest is found, also after a restart."""
    fill(place.open(scanned=scanned))
    for _ in range(2):
        vectors = place.open(scanned=scanned)
        assert len(vectors) == 100
        near = vectors.nearest(a_vector(7), 3)
        assert (near[0].record_id, near[0].edition, round(near[0].cosine, 3)) == ("sco:7", "en", 1)
        assert [each.cosine for each in near] == sorted(
            (each.cosine for each in near), reverse=True
        )
        assert next(vectors.akin(a_vector(7), 1)).record_id == "sco:7"
        assert vectors.key("sco:7") == "k7"


@pytest.mark.parametrize("scanned", [20_000, 10])
def test_a_record_has_only_its_newest_vectors(place: Place, scanned: int) -> None:
    """Putting a record's vectors takes the place of those before; removing it leaves none."""
    vectors = place.open(scanned=scanned)
    fill(vectors)
    vectors.put("sco:7", [Row("en", 0, a_vector(1_000)), Row("en", 1, a_vector(1_001))])
    vectors.remove("sco:8")
    vectors.commit()
    for each in (vectors, None):
        each = each or place.open(scanned=scanned)
        assert len(each) == 100
        assert each.nearest(a_vector(7), 1)[0].cosine < 0.9
        assert each.nearest(a_vector(1_001), 1)[0][:3] == ("sco:7", "en", 1)
        assert [row.passage for row in each.rows("sco:7")] == [0, 1]
        assert each.rows("sco:8") == []
        assert each.key("sco:8") is None


def test_what_was_not_committed_is_given_up(place: Place) -> None:
    """A process that ends early leaves the vectors of its last commit, whole."""
    vectors = place.open()
    fill(vectors)
    vectors.put("sco:7", [Row("en", 0, a_vector(1_000))], key="new")
    vectors = place.open()
    assert vectors.key("sco:7") == "k7"
    assert vectors.nearest(a_vector(7), 1)[0].cosine > 0.99


def test_a_slot_is_not_used_again_before_the_commit(place: Place) -> None:
    """Vectors that the last commit refers to are not written over by the next."""
    vectors = place.open()
    fill(vectors)
    vectors.remove("sco:7")
    vectors.put("sco:new", [Row("en", 0, a_vector(1_000))])
    vectors = place.open()
    assert vectors.nearest(a_vector(7), 1)[0].cosine > 0.99
    assert vectors.ledger.waiting() == 0


def test_torn_vectors_are_embedded_again(place: Place) -> None:
    """A row that is not what was written is not believed: its record waits to be embedded."""
    fill(place.open())
    place.close()
    with (place.path / "vectors.f32").open("r+b") as file:
        file.seek(DIMENSIONS * 4 * 7 + 10)
        file.write(b"torn")
    vectors = place.open()
    assert len(vectors) == 99
    assert vectors.key("sco:7") is None
    assert vectors.ledger.newest_waiting(10, 1_000) == [("sco:7", 0)]


@pytest.mark.parametrize("damage", [b"", b"no database", b"\0" * 8_192])
def test_a_ledger_that_cannot_be_read_is_begun_again(place: Place, damage: bytes) -> None:
    """What the ledger knew can be made anew: it is never in the way of starting."""
    fill(place.open())
    place.close()
    for each in place.path.glob("vectors.sqlite*"):
        each.unlink()
    (place.path / "vectors.sqlite").write_bytes(damage)
    vectors = place.open()
    assert len(vectors) == 0
    fill(vectors, 5)
    assert vectors.nearest(a_vector(3), 1)[0].record_id == "sco:3"


def test_vectors_of_another_model_are_forgotten_and_wait(place: Place) -> None:
    """Vectors of different models do not compare: with another, everything is embedded anew."""
    fill(place.open(), 5)
    vectors = place.open("another model")
    assert len(vectors) == 0
    assert vectors.ledger.waiting() == 5


def test_a_lost_graph_is_built_anew(place: Place) -> None:
    """The approximate index only saves time: without its file nothing is lost."""
    fill(place.open(scanned=10))
    place.close()
    kept = sorted(place.path.glob("graph-*"))
    assert len(kept) == 3
    kept[0].unlink()
    kept[1].write_bytes(b"no graph")
    vectors = place.open(scanned=10)
    assert all(vectors.nearest(a_vector(n), 1)[0].record_id == f"sco:{n}" for n in range(9))


@pytest.mark.parametrize("seed", range(3))
def test_a_rotten_graph_is_never_read(place: Place, seed: int) -> None:
    """Native code would follow its links anywhere."""
    fill(place.open(scanned=10))
    place.close()
    for kept in place.path.glob("graph-*"):
        rot(kept, seed)
    vectors = place.open(scanned=10)
    assert all(vectors.nearest(a_vector(n), 1)[0].record_id == f"sco:{n}" for n in range(9))


@pytest.mark.parametrize("seed", range(5))
def test_a_ledger_with_rotten_pages_is_begun_again(place: Place, seed: int) -> None:
    """Whichever pages they are, at the start."""
    fill(place.open())
    place.close()
    rot(place.path / "vectors.sqlite", seed)
    vectors = place.open()
    fill(vectors, 5)
    assert vectors.nearest(a_vector(3), 1)[0].record_id == "sco:3"


def test_a_ledger_that_rots_in_use_is_begun_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever meets it is told that there are no vectors now; whoever feeds it mends it."""
    vectors = place.open()
    fill(vectors)

    def rotten(*_: object) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "of", ledger._noticing(rotten))
        with pytest.raises(VectorsUnavailable, match="malformed"):
            vectors.rows("sco:1")
    vectors.mend()
    assert (len(vectors), vectors.ledger.records()) == (0, 0)
    assert vectors.ledger.told("cursor") == ""
    fill(vectors, 5)
    assert vectors.nearest(a_vector(3), 1)[0].record_id == "sco:3"


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY])
def test_what_is_no_damage_throws_nothing_away(
    place: Place, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """A full disk, or a file that another process holds: the vectors took hours to make."""
    fill(place.open(), 5)
    place.close()

    def unopened(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("not now")
        error.sqlite_errorcode = code
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(ledger, "_connect", unopened)
        with pytest.raises(VectorsUnavailable, match="not now"):
            place.open()
    assert len(place.open()) == 5


def test_what_could_not_be_committed_is_given_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is lost with it: the vectors of before are found."""
    vectors = place.open()
    fill(vectors, 5)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    vectors.put("sco:3", [Row("en", 0, a_vector(99))])
    vectors.put("sco:9", [Row("en", 0, a_vector(9))])
    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "commit", full)
        with pytest.raises(VectorsUnavailable, match="is full"):
            vectors.commit()
    assert [vectors.nearest(a_vector(n), 1)[0].record_id for n in range(5)] == [
        f"sco:{n}" for n in range(5)
    ]
    assert len(vectors) == 5
    vectors.put("sco:9", [Row("en", 0, a_vector(9))])
    vectors.commit()
    assert vectors.nearest(a_vector(9), 1)[0].record_id == "sco:9"


def test_affinity_does_not_prefer_a_language(place: Place) -> None:
    """What all vectors of a language share says nothing: two passages that differ from their
    languages' means alike are alike, however near one language is to the question's."""
    vectors = place.open()
    lean = {"en": a_vector(1), "zh": a_vector(2)}
    for seed in range(200):
        for language, shared in lean.items():
            vector = unit((shared + 0.5 * a_vector(100 + seed))[None, :])[0]
            vectors.put(f"{language}:{seed}", [Row(language, 0, vector)])
    vectors.commit()
    question = unit((lean["en"] + 0.5 * a_vector(105))[None, :])[0]
    assert {each.edition for each in vectors.nearest(question, 100)} == {"en"}
    assert "zh:5" in {each.record_id for each in vectors.akin(question, 10)}
