"""docs/security.md tells the truth about what it can be checked for.

Rules of its table: a row is a number of OWASP ASVS 5.0.0 or a range of them, the requirement, its
state, how it is met or why not, and the tests that show it. Every number of levels 1 and 2 is there
once; every test that is named is there; the counts at the top are those of the rows.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"

SECTIONS = {
    1: {1: 2, 2: 9, 3: 11, 4: 3, 5: 2},
    2: {1: 3, 2: 3, 3: 4, 4: 1},
    3: {2: 2, 3: 4, 4: 6, 5: 5, 7: 2},
    4: {1: 3, 2: 1, 3: 2, 4: 4},
    5: {1: 1, 2: 3, 3: 2, 4: 3},
    6: {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    7: {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    8: {1: 2, 2: 3, 3: 1, 4: 1},
    9: {1: 3, 2: 4},
    10: {1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3},
    11: {1: 2, 2: 3, 3: 3, 4: 4, 5: 1, 6: 1},
    12: {1: 3, 2: 2, 3: 4},
    13: {1: 1, 2: 5, 3: 2, 4: 5},
    14: {1: 2, 2: 4, 3: 3},
    15: {1: 3, 2: 3, 3: 7},
    16: {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
    17: {1: 1, 2: 4, 3: 2},
}
"""How many requirements of levels 1 and 2 each section of a chapter has; they are numbered from 1,
and sections that are left out are of level 3 or documentation alone."""

NUMBERS = [
    f"{chapter}.{section}.{number}"
    for chapter, sections in SECTIONS.items()
    for section, count in sections.items()
    for number in range(1, count + 1)
]
STATES = ("met", "partly", "not met", "not applicable")
UNTESTED = "not tested"
_ROW = re.compile(r"\| (\d+\.\d+\.\d+)(?:-(\d+\.\d+\.\d+))? \|")
_TEST = re.compile(r"`(tests/[\w/.-]+?)(?:::(test_\w+))?`")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    numbers: tuple[str, ...]
    state: str
    how: str
    shown_by: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return _TEST.findall(self.shown_by)


def _rows() -> Iterator[Row]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if found := _ROW.match(line):
            first, last = found[1], found[2] or found[1]
            numbers = NUMBERS[NUMBERS.index(first) : NUMBERS.index(last) + 1]
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 5, line
            yield Row(tuple(numbers), *cells[2:])


ROWS = list(_rows())


def test_every_requirement_is_answered_once() -> None:
    """None is forgotten, none is told twice, and they stand in the standard's order."""
    assert len(NUMBERS) == 253
    assert [number for row in ROWS for number in row.numbers] == NUMBERS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.numbers[0])
def test_a_row_says_what_it_must(row: Row) -> None:
    """A known state, a reason, and a test or the word that there is none."""
    assert row.state in STATES
    assert row.how
    if row.state in ("met", "partly"):
        assert bool(row.tests) != (row.shown_by == UNTESTED)
    else:
        assert row.shown_by == "–"


@pytest.mark.parametrize("row", [row for row in ROWS if row.tests], ids=lambda row: row.numbers[0])
def test_the_tests_that_are_named_are_there(row: Row) -> None:
    """The file, and the test in it."""
    for place, name in row.tests:
        file = ROOT / place
        assert file.is_file(), place
        defined = re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))
        assert not name or name in defined, f"{place} has no {name}"


def test_the_counts_are_right() -> None:
    """The summary counts requirements, and not rows."""
    counted: Counter[str] = Counter()
    for row in ROWS:
        kind = row.state
        if kind == "met":
            kind = "met, with a test" if row.tests else "met, without a test"
        counted[{"partly": "partly met"}.get(kind, kind)] += len(row.numbers)
    counted["together"] = sum(counted.values())
    text = PAGE.read_text(encoding="utf-8")
    told = {
        name: int(count) for name, count in re.findall(r"^\| ([a-z, ]+) \| (\d+) \|$", text, re.M)
    }
    assert told == dict(counted)
