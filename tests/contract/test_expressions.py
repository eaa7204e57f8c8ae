"""Every regular expression reads any text in time that grows with its length."""

import re

import pytest

from tests.support import expressions
from tests.support.expressions import Expression, TooSlow

APART = {
    "bri_kit.documentation:_INLINE_SCRIPT": "reads pages of our own alone",
    "bri_harvesting.feeds:_DOCTYPE": "to be replaced where feeds are read",
}
"""Expressions that are known to be worse, and why they still stand."""
EXPRESSIONS = [each for each in expressions.collect() if f"{each.module}:{each.name}" not in APART]


@pytest.mark.parametrize(
    "expression",
    EXPRESSIONS,
    ids=lambda each: f"{each.module}:{each.name}:{each.pattern.pattern!r}"[:120],
)
def test_no_expression_is_worse_than_linear(expression: Expression) -> None:
    """The texts are made from the expression itself, so a new one is tried without being named."""
    expressions.check(expression)


@pytest.mark.parametrize(
    "pattern",
    [
        r"<p\b[^>]*class=[\"']?MsoListParagraph[^>]*>(.*?)</p>",
        r"<(/?\w*)[^>]*>",
        r"(a+)+b",
        r"\s+$",
    ],
)
def test_a_bad_expression_is_noticed(pattern: str) -> None:
    """These are, or were once here."""
    with pytest.raises(TooSlow):
        expressions.check(Expression("", "", re.compile(pattern, re.DOTALL), is_anchored=False))
