"""A short, fixed run of what `python -m tests.chaos.fuzz` does for longer."""

import random
from itertools import islice

import pytest

from tests.chaos.fuzz.__main__ import try_once
from tests.chaos.fuzz.mutations import mutated
from tests.chaos.fuzz.parsers import PARSERS, Parser
from tests.support import hostile_text

INPUTS = 40
SIZE = 4_096


@pytest.mark.parametrize("name", [*PARSERS])
@pytest.mark.filterwarnings("ignore")
def test_no_input_is_too_much_for_a_parser(name: str) -> None:
    """It answers, or says why not, and soon."""
    parser, chance = PARSERS[name], random.Random(name)
    for seed in parser.seeds:
        parser.accepts(seed)  # the first of a kind loads what it needs
    some = [hostile_text.expanding(), *islice(hostile_text.assigned(), 0, None, 50)]
    inputs = [text.encode() for text in some]
    inputs += [mutated(chance, parser.seeds, SIZE) for _ in range(INPUTS)]
    found = {problem: data for data in inputs if (problem := try_once(parser, data))}
    assert found == {}


def test_what_a_parser_may_not_raise_is_found() -> None:
    """So it is not green because nothing is looked at."""
    broken = Parser("broken", lambda data: data[10], (), [b""])
    assert try_once(broken, b"").startswith("IndexError at test_parsers.py")
    assert try_once(Parser("broken", broken.read, (IndexError,), [b""]), b"") == ""


def test_a_seed_makes_the_same_inputs_again() -> None:
    one, two = (
        [mutated(chance, [b"<p>x</p>"], 99) for _ in range(20)]
        for chance in (random.Random(1), random.Random(1))
    )
    assert one == two
    assert all(len(data) <= 99 for data in one)


NEVER_GOOD = {"oidc", "letter"}
"""Their examples are not signed by anybody who is believed."""


@pytest.mark.parametrize("name", sorted(PARSERS.keys() - NEVER_GOOD))
@pytest.mark.filterwarnings("ignore")
def test_an_example_is_taken(name: str) -> None:
    """So that mutations begin at something that goes all the way."""
    assert any(PARSERS[name].accepts(seed) for seed in PARSERS[name].seeds)
