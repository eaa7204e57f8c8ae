"""Folding: spellings of the same thing become equal, lengths stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_retrieval.folding import fold, printable, tidy


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("PM2.5", "pm2.5"),
        ("ＰＭ２．５ ＩＳＯ", "pm2．5 iso"),
        ("PM₂.₅ CO₂ m²", "pm2.5 co2 m2"),
        ("環境保護與廢物", "环境保护与废物"),
        ("Ёлка и ёж", "елка и еж"),
        ("Йод", "йод"),
        ("Điện lực, São Tomé, İzmir", "dien luc, sao tome, izmir"),
        ("٣ ३ ၃ ៣", "3 3 3 3"),
        ("① ⒈ ½", "① ⒈ ½"),
    ],
)
def test_each_character_has_one_spelling(written: str, folded: str) -> None:
    """Case, width, Traditional characters, ё, diacritics and digits; й is a letter of its own."""
    assert fold(written) == folded


@given(st.text())
def test_offsets_survive(text: str) -> None:
    """Each character becomes one character, and folding again changes nothing."""
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_text_is_kept_composed() -> None:
    """Letters that came in pieces are put together; soft hyphens go."""
    assert tidy("и\u0306од c\u0327a va ti\u00adtle") == "йод ça va title"


def test_only_what_can_be_printed_is_asked_for() -> None:
    """Controls, direction marks and surrogates become spaces, in one line."""
    assert printable("\u202ewaste\x00\n\tof\ud800 water ") == "waste of water"
