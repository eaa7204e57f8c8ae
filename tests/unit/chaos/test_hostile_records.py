"""The attacker's entries: valid by everything but their content, and the same for the same seed."""

import random

import pytest
from bri.log.v1 import log_pb2

from bri_kit import content, signing
from bri_kit.trust import Ledger, Standing
from tests.support import hostile_records, hostile_text
from tests.support.hostile_centre import HostileCentre

KINDS = [*hostile_records.KINDS]


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_is_authentic(kind: str) -> None:
    """It is in its place of the log and signed: what is wrong with it is its content alone."""
    centre = HostileCentre("evil", random.Random(1))
    sealed = []
    for each in hostile_records.KINDS[kind]("evil", random.Random(1)):
        before = len(centre.log.entries)
        envelope = centre.sign(each)
        if len(centre.log.entries) > before:
            sealed.append(envelope)
    assert sealed
    ledger = Ledger("evil", signing.public_key(centre.log.key))
    standings = {each.standing for each in ledger.judge(sealed, lambda _: None)}
    assert standings == {Standing.ACCEPTED}


@pytest.mark.parametrize("kind", ["references", "revisions"])
def test_a_seed_makes_the_same_again(kind: str) -> None:
    one, two = (
        [each.entry.SerializeToString() for each in hostile_records.KINDS[kind]("evil", chance)]
        for chance in (random.Random(3), random.Random(3))
    )
    assert one == two


def test_bytes_that_are_not_utf_8_are_sent_as_they_are() -> None:
    """Python's protobuf does not hold them, so the hub refuses the entry and its number is free."""
    centre = HostileCentre("evil", random.Random(1))
    [hostile] = [
        each
        for each in hostile_records.characters("evil", random.Random(1))
        if each.name == "text surrogates"
    ]
    envelope = log_pb2.SignedEntry.FromString(centre.sign(hostile))
    assert hostile_text.lone_surrogates() in envelope.entry
    assert centre.log.entries == []


def test_dates_are_tried_at_both_sides_of_what_an_index_holds() -> None:
    """Day numbers from 2^20 on do not fit beside a record's number in 64 bits."""
    dates = {
        each.entry.published.dates.event for each in hostile_records.dates("e", random.Random())
    }
    assert {"2871-11-25", "2871-11-26", "0999-12-31", "1000-01-01", "9999-12-31"} <= dates


def test_all_of_unicode_is_tried_once() -> None:
    """Every code point that UTF-8 can hold, and none twice."""
    texts = list(hostile_text.everything())
    assert max(map(len, texts)) == hostile_text.CHUNK
    joined = "".join(texts)
    both = [*hostile_text.assigned(), *hostile_text.unassigned()]
    assert sum(map(len, both)) == len(joined)
    assert len(joined) == len(set(joined)) == 0x110000 - 2048


def test_what_expands_most_is_among_the_expanding() -> None:
    assert hostile_text.BASMALA in hostile_text.expanding()
    assert len(hostile_text.expanding()) > 100


def test_xml_characters_are_those_that_records_may_hold() -> None:
    """Of the basic plane, each: the rule of titles is that of XML."""
    for code in [*range(0xD800), *range(0xE000, 0x10000)]:
        char = chr(code)
        if char != "\r":
            assert hostile_text.is_xml(char) != content.has_control_character(f"t{char}" * 60)
