"""Thesauri: what else a thing is called, and files that cannot be taken."""

from pathlib import Path

import pytest

from bri_retrieval import question
from bri_retrieval.thesaurus import Thesaurus, default_thesaurus, load, skos

PREFIX = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
YAK = f"""{PREFIX}
<urn:yak> a skos:Concept; skos:prefLabel "yak"@en, "牦牛"@zh-Hans, "як"@ru, "Yak"@de;
  skos:altLabel "grunting ox"@en; skos:broader <urn:cattle> .
"""
ARGALI = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:skos="http://www.w3.org/2004/02/skos/core#"><skos:Concept rdf:about="urn:argali">
  <skos:prefLabel xml:lang="en">argali</skos:prefLabel>
  <skos:prefLabel xml:lang="ru">архар</skos:prefLabel></skos:Concept></rdf:RDF>"""
PIKA = """<urn:pika> <http://www.w3.org/2004/02/skos/core#prefLabel> "pika"@en .
<urn:pika> <http://www.w3.org/2004/02/skos/core#altLabel> "пищуха"@ru .
"""


def others(thesaurus: Thesaurus, asked: str) -> list[str]:
    """What else the things are called that are asked for."""
    widened = thesaurus.widen(question.read(asked))
    return [term.text for each in widened for term in each.alternatives]


@pytest.mark.parametrize(
    "asked", ["solid waste", "Solid wastes", "固体废物", "固體廢物", "твёрдых отходов"]
)
def test_topics_are_known_in_all_forms(asked: str) -> None:
    """Of words and of characters, in three languages."""
    names = {"solid waste", "固体废物", "твердые отходы"}
    assert len(names & set(others(default_thesaurus(), asked))) == 2


@pytest.mark.parametrize("asked", ['"solid waste"', "solid 2019", "almaty", "solid", ""])
def test_other_words_are_not_widened(asked: str) -> None:
    """What is quoted, apart, unknown, or only a part of a name."""
    assert others(default_thesaurus(), asked) == []


def test_the_longest_name_counts() -> None:
    """Air quality is not air."""
    (widening,) = default_thesaurus().widen(question.read("air quality in Almaty"))
    assert (widening.first, widening.end) == (0, 2)


def test_files_are_added_in_three_formats(tmp_path: Path) -> None:
    """Labels and synonyms, in the languages that are wanted."""
    (tmp_path / "a.ttl").write_text(YAK)
    (tmp_path / "b.rdf").write_text(ARGALI)
    (tmp_path / "c.nt").write_text(PIKA)
    (tmp_path / "notes.txt").write_text("not a thesaurus")
    thesaurus = Thesaurus()
    assert load(thesaurus, tmp_path) == {}
    assert set(others(thesaurus, "yaks")) == {"牦牛", "як", "grunting ox"}
    assert others(thesaurus, "архары") == ["argali"]
    assert others(thesaurus, "pika") == ["пищуха"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.ttl", b"this is { no turtle", "it is not turtle"),
        ("x.rdf", b"<rdf:RDF", "it is not xml"),
        ("x.xml", b"", "it is not xml"),
        ("x.nt", b"\xff\xfe\x00broken", "it is not nt"),
        ("x.ttl", b"", "it has no skos:prefLabel"),
        ("x.ttl", YAK.encode("utf-16"), "it is not turtle"),
        ("x.ttl", PREFIX.encode() + b'<urn:a> skos:prefLabel "Kuh"@de .', "it has no skos"),
    ],
)
def test_a_broken_file_is_refused_alone(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    """The reason is told, and the other files are taken."""
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.ttl").write_text(YAK)
    thesaurus = Thesaurus()
    refused = load(thesaurus, tmp_path)
    assert list(refused) == [name]
    assert refused[name].startswith(reason)
    assert "як" in others(thesaurus, "yak")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """And the topics are known all the same."""
    assert load(Thesaurus(), tmp_path / "nowhere")


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with too many names, or too large, is refused whole."""
    (tmp_path / "x.ttl").write_text(YAK)
    monkeypatch.setattr(skos, "MAX_NAMES", 2)
    assert load(Thesaurus(), tmp_path) == {"x.ttl": "it has more than 2 names"}
    monkeypatch.setattr(skos, "MAX_BYTES", 10)
    assert "it is larger than" in load(Thesaurus(), tmp_path)["x.ttl"]


def test_misspelt_names_are_known() -> None:
    """The nearest word of a name; the first letter has to be right."""
    assert default_thesaurus().near("biodiversty", 2)[0] == "biodiversity"
    assert default_thesaurus().near("xiodiversity", 2) == []
