"""Questions that are answered by meaning, beside words and in spite of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bri_retrieval.engine import Engine
from bri_retrieval.meaning.meaning import Meaning
from tests.contract.engines.conftest import Shelf, a_record
from tests.support.embedding import RememberingEmbedder, embed_all

WASTE = "Сортировка и переработка бытовых отходов в городах"
GLACIERS = "天山冰川融化与水资源"
AIR = "Air pollution from coal power plants"
LAW = ("Закон об отходах № 89-ФЗ", "Отходы производства и потребления")


class MeaningfulShelf(Shelf):
    """A shelf whose records are embedded as soon as they are published."""

    def __init__(self, engine: Engine, meaning: Meaning) -> None:
        super().__init__(engine)
        self.meaning = meaning
        engine.attach(meaning)

    def embed(self) -> None:
        embed_all(self.meaning, self.engine)


@pytest.fixture
def meant(open_engine: Callable[[], Engine], tmp_path: Path) -> Iterator[MeaningfulShelf]:
    meaning = Meaning(tmp_path / "meaning", RememberingEmbedder())
    yield MeaningfulShelf(open_engine(), meaning)
    meaning.close()


@pytest.fixture
def filled(meant: MeaningfulShelf) -> MeaningfulShelf:
    meant.put(
        a_record(1, ru=WASTE, countries=("KZ",)),
        a_record(2, zh=GLACIERS, countries=("CN",)),
        a_record(3, en=AIR),
        a_record(4, ru=LAW),
    )
    meant.embed()
    return meant


def test_what_is_meant_is_found_in_other_languages(filled: MeaningfulShelf) -> None:
    """A question finds records none of whose words it has, in whatever language they are."""
    assert filled.titles("garbage recycling in cities")[0] == WASTE
    assert filled.titles("melting glaciers", "en")[0] == GLACIERS
    assert filled.titles("загрязнение воздуха угольными электростанциями", "ru")[0] == AIR


def test_words_alone_when_asked_for(filled: MeaningfulShelf) -> None:
    """A reader may ask for words alone, or for meaning alone, and is told what was compared."""
    assert filled.titles("garbage recycling in cities", mode="words") == []
    assert filled.ask("glaciers", mode="words").mode == "words"
    assert filled.ask("glaciers", mode="meaning").mode == "meaning"
    assert filled.ask("glaciers").mode == "hybrid"
    assert filled.ask("melting glaciers", mode="meaning").hits[0].title == GLACIERS


def test_totals_facets_and_pages_are_of_the_same_records(filled: MeaningfulShelf) -> None:
    """What is near in meaning is counted, filtered and paged like everything else."""
    found = filled.ask("garbage recycling in cities")
    assert found.total == sum(found.facets["centre"].values()) >= 1
    assert found.facets["country"].get("KZ") == 1
    assert filled.titles("garbage recycling in cities", countries=["KZ"]) == [WASTE]
    assert filled.ask("garbage recycling in cities", countries=["UZ"]).total == 0
    assert filled.titles("garbage recycling in cities", offset=found.total) == []


def test_meaning_brings_in_nothing_without_what_is_quoted(filled: MeaningfulShelf) -> None:
    """Quoted phrases and numbers of documents are found as they stand, or not at all."""
    assert filled.titles('garbage "glaciers of Pamir"') == []
    assert filled.titles("закон 89-ФЗ об отходах") == [LAW[0]]
    assert filled.titles("law on waste 90-ФЗ", mode="meaning") == []


def test_what_finds_nothing_tells_what_was_compared(filled: MeaningfulShelf) -> None:
    """As what finds something does: a reader of nothing would else believe that meaning is away."""
    assert filled.ask('garbage "glaciers of Pamir"').mode == "hybrid"
    assert filled.ask('garbage "glaciers of Pamir"', mode="meaning").mode == "meaning"


def test_a_sentence_is_understood_though_its_quotation_is_nowhere(filled: MeaningfulShelf) -> None:
    """Be it that each of the quoted words is known: in a row no record has them."""
    asked = 'what do "plants power" in our cities do to the air we breathe'
    assert AIR in filled.titles(asked)
    assert filled.titles('air "plants power"') == []


def test_a_record_is_found_by_its_words_before_it_is_embedded(filled: MeaningfulShelf) -> None:
    """Nobody waits for the embedder."""
    filled.put(a_record(5, en="Biogas from manure"))
    assert filled.titles("biogas manure")[0] == "Biogas from manure"
    assert filled.meaning.backlog() == 1
    filled.embed()
    assert filled.meaning.backlog() == 0
    assert filled.titles("энергия из навоза", "ru")[0] == "Biogas from manure"


def test_a_record_that_is_gone_is_near_nothing(filled: MeaningfulShelf) -> None:
    """Retracting a record takes its vectors with it; a revised one is found by what it says now."""
    filled.remove(a_record(1, ru=WASTE))
    assert WASTE not in filled.titles("garbage recycling in cities")
    assert filled.meaning.vectors.rows(f"sco:{1:026d}") == []
    filled.put(a_record(2, en="Bus timetables"))
    filled.embed()
    assert GLACIERS not in filled.titles("melting glaciers")


def test_words_alone_while_the_embedder_is_away(filled: MeaningfulShelf) -> None:
    """An embedder that does not answer costs the meaning, not the answer."""
    embedder = filled.meaning.embedder
    assert isinstance(embedder, RememberingEmbedder)
    embedder.away = True
    found = filled.ask("air pollution")
    assert (found.mode, found.hits[0].title) == ("words", AIR)


@pytest.mark.parametrize(
    "text", ["?!…", "\u200f\u202e", "a" * 1_000, "😀", "the of and", "\x00\x01"]
)
def test_odd_questions_are_answered(filled: MeaningfulShelf, text: str) -> None:
    """Punctuation, marks, noise and stop words mean little and break nothing."""
    assert filled.ask(text).total <= 4


def test_related_records_are_of_the_same_subject(filled: MeaningfulShelf) -> None:
    """What is near a record comes first, whatever its language; never the record itself."""
    filled.put(a_record(5, en="Separate collection and recycling of household waste"))
    filled.embed()
    found = filled.engine.related(f"sco:{5:026d}", "en", 3)
    assert found.hits[0].title == WASTE
    assert f"sco:{5:026d}" not in [hit.id for hit in found.hits]
    assert filled.engine.related("sco:unknown", "en", 3).total == 0


def test_related_records_by_words_without_an_embedder(shelf: Shelf) -> None:
    """Without an embedder, words of the titles say what is related."""
    shelf.put(
        a_record(1, en="Waste sorting in Astana"),
        a_record(2, en="Waste sorting in Osh"),
        a_record(3, en="Snow leopards"),
    )
    found = shelf.engine.related(f"sco:{1:026d}", "en", 1)
    assert [hit.title for hit in found.hits] == ["Waste sorting in Osh"]


def test_an_engine_filled_in_words_catches_up(
    open_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    """Where an embedder comes later, everything that is there already waits for its vectors."""
    engine = open_engine()
    shelf = Shelf(engine)
    shelf.put(a_record(1, ru=WASTE), a_record(2, zh=GLACIERS))
    assert shelf.titles("garbage recycling in cities") == []
    meaning = Meaning(tmp_path / "meaning", RememberingEmbedder())
    engine.attach(meaning)
    assert meaning.backlog() == 2
    embed_all(meaning, engine)
    assert shelf.titles("garbage recycling in cities")[0] == WASTE
    meaning.close()
