"""A fault test of some seconds: the long ones are `make chaos`."""

from pathlib import Path

import pytest

from tests.chaos.report import table
from tests.chaos.run import Settings, run
from tests.chaos.schedule import Fault

KILLS = 4


@pytest.mark.timeout(240)  # a handful of processes start, some of them twice
@pytest.mark.xdist_group("federation")
async def test_a_federation_survives_kills_and_cut_lines(tmp_path: Path) -> None:
    """Whatever was acknowledged is everywhere, once, and what was retracted nowhere."""
    settings = Settings(
        seed=344,  # the broker twice, the hub, a node, and a line
        seconds=4,
        kills=KILLS,
        folder=tmp_path / "federation",
        only=(Fault.KILL, Fault.CUT),
        heal=60,
        writers=1,
        first_records=20,
    )
    result = await run(settings, aloud=False)
    told = "\n".join(table(result))
    assert result.is_good, told
    assert result.faults[Fault.KILL] > 0, told
    assert result.healed.world is not None
    assert result.healed.world.published, told
