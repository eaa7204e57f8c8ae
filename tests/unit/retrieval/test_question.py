"""Questions: what was typed becomes terms."""

import pytest

from bri_retrieval import question


def texts(typed: str) -> list[str]:
    return [term.text for term in question.read(typed)]


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("Solid waste", ["solid", "waste"]),
        ("what is the waste of Almaty?", ["waste", "almaty"]),
        ("что такое отходы", ["такое", "отходы"]),
        ("什么是固体废物", ["固体废物"]),
        ("the of", ["the", "of"]),
        ("waste waste WASTE", ["waste"]),
        ("ISO 14001 标准", ["iso", "14001", "标准"]),
        ("(PM2.5) в Алматы", ["pm2.5", "алматы"]),
        ("№ 89-ФЗ", ["89-фз"]),
        ("waste-to-energy", ["waste", "energy"]),
        ("waste*?~^2", ["waste", "2"]),
        ('"green economy" waste', ["green economy", "waste"]),
        ('"unpaired quote', ["unpaired", "quote"]),
        ("« » ! 🙂", []),
        ("", []),
    ],
)
def test_what_is_typed_becomes_terms(typed: str, terms: list[str]) -> None:
    """Words, numbers as they are written together, phrases; no operators, no stop words."""
    assert texts(typed) == terms


@pytest.mark.parametrize(
    "typed", ['"a b"', "“a b”", "„a b“", "„a b”", "«a b»", "「a b」", "『a b』"]
)
def test_all_quotes_quote(typed: str) -> None:
    """Whatever the keyboard has."""
    (term,) = question.read(typed)
    assert (term.text, term.quoted) == ("a b", True)


def test_a_long_question_has_few_terms() -> None:
    """What is past the limits is not read."""
    assert len(question.read(" ".join(f"word{chr(97 + n % 26)}{n}" for n in range(9_000)))) == 32
