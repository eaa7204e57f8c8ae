"""Samples and vocabulary are what newcomers see first: complete, valid, in every language."""

from collections import Counter
from importlib.resources import files
from typing import Any

import orjson
import pytest

from asean_platform.profile import PROFILE as ASEAN
from bri_kit import content, vocabulary
from bri_node import mapping
from bri_node.inputs import RecordInput
from bri_node.profile import Profile
from sco_platform.profile import PROFILE as SCO

PLATFORMS = {"sco_platform": SCO, "asean_platform": ASEAN}


def samples(package: str) -> list[dict[str, Any]]:
    folder = files(package).joinpath("samples")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".json"))
    return [orjson.loads(folder.joinpath(name).read_bytes()) for name in names]


@pytest.mark.parametrize(("package", "profile"), PLATFORMS.items())
def test_every_sample_is_a_valid_record(package: str, profile: Profile) -> None:
    """Each sample passes the rules that editors' records pass, with a source and a date."""
    for document in samples(package):
        record = mapping.to_record(RecordInput.model_validate(document))
        assert not content.check(record, profile.edition_languages)
        assert record.source.name
        assert record.source.url
        assert record.dates.original


@pytest.mark.parametrize(("package", "profile"), PLATFORMS.items())
def test_every_sample_has_the_platforms_languages(package: str, profile: Profile) -> None:
    """Each sample has an edition in every language of its platform's readers."""
    for document in samples(package):
        assert set(profile.languages) <= set(document["editions"])


def test_samples_show_every_kind_on_both_platforms() -> None:
    """At least thirty samples, and each kind on each platform."""
    found = Counter(
        (package, document["kind"]) for package in PLATFORMS for document in samples(package)
    )
    assert found.total() >= 30
    assert set(found) == {(package, kind) for package in PLATFORMS for kind in content.KINDS}


def test_the_vocabulary_is_complete() -> None:
    """At least sixty topics, each with labels and synonyms in zh, en, ru and a known parent."""
    topics = vocabulary.topics()
    assert len(topics) >= 60
    for topic in topics.values():
        assert topic.broader is None or topic.broader in topics
        for language in ("zh", "en", "ru"):
            assert topic.labels[language].strip()
            assert topic.synonyms[language]


def test_no_term_names_two_topics() -> None:
    """A label or synonym leads to one topic, whatever its case and spelling of ё."""
    leads_to: dict[str, set[str]] = {}
    for topic in vocabulary.topics().values():
        for language in ("zh", "en", "ru"):
            for term in topic.terms(language):
                leads_to.setdefault(term.casefold().replace("ё", "е"), set()).add(topic.code)
    assert {term: codes for term, codes in leads_to.items() if len(codes) > 1} == {}
