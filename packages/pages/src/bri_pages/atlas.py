"""A map without borders: every country a square of one size, about where it lies.

Borders are political and their drawings out of date or in dispute somewhere; a tile grid shows who
takes part and says nothing else. Only Asia, Europe and Africa are drawn, and the Pacific's rim:
where the federation's centres and their partners are. Another arrangement is another GRID.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_STEP = 30
_MARGIN = 2

GRID = """
.. .. IS .. .. .. .. NO SE FI .. .. .. .. .. .. .. .. .. .. .. .. .. ..
.. .. .. .. IE GB .. DK EE LV LT .. RU RU RU RU .. .. .. .. .. .. .. ..
.. .. .. .. .. NL DE PL BY UA MD .. .. KZ KZ .. MN MN .. .. .. .. .. ..
.. .. .. FR BE LU CZ SK HU RO .. GE AZ UZ KG .. CN CN CN KP .. JP .. ..
PT ES AD MC CH AT SI HR RS BG .. AM TM TJ .. CN CN CN CN KR .. JP .. ..
.. .. .. .. IT SM BA ME MK TR SY IQ IR AF PK NP BT CN .. .. .. .. .. ..
MA DZ TN .. MT AL GR CY LB JO KW QA AE OM IN BD MM LA VN .. .. PH .. ..
MR ML NE LY EG .. .. IL PS SA BH YE .. LK MV .. TH KH .. BN .. .. PW ..
SN GN BF TD SD ER DJ .. .. .. .. .. .. .. .. .. MY SG ID ID TL PG .. ..
.. CI GH NG CM ET SO .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. SB ..
.. .. .. GA CG CD KE UG .. SC .. .. .. .. .. .. .. .. .. AU AU .. FJ ..
.. .. .. .. AO ZM TZ RW KM MU .. .. .. .. .. .. .. .. .. AU AU .. .. NZ
.. .. .. .. NA BW ZW MZ MG .. .. .. .. .. .. .. .. .. .. .. .. .. .. NZ
.. .. .. .. .. ZA LS SZ .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
"""


@dataclass(frozen=True, slots=True)
class Tile:
    """One square: its country, its place in the drawing and the centres that serve it. A large
    country has several; the first of them speaks for it."""

    code: str
    x: int
    y: int
    centres: Sequence[str]
    is_first: bool


@dataclass(frozen=True, slots=True)
class Atlas:
    """All squares and the size of the drawing, in its own units."""

    tiles: Sequence[Tile]
    width: int
    height: int


def draw(served: Mapping[str, Sequence[str]]) -> Atlas:
    """The map; `served` has each centre's countries."""
    rows = [line.split() for line in GRID.split("\n") if line]
    tiles: list[Tile] = []
    drawn: set[str] = set()
    for row, codes in enumerate(rows):
        for column, code in enumerate(codes):
            if code == "..":
                continue
            centres = sorted(centre for centre, countries in served.items() if code in countries)
            x, y = _MARGIN + column * _STEP, _MARGIN + row * _STEP
            tiles.append(Tile(code, x, y, centres, code not in drawn))
            drawn.add(code)
    return Atlas(tiles, len(rows[0]) * _STEP, len(rows) * _STEP)
