"""`python -m tests.chaos`: break everything for some minutes, and see that nothing is lost; then
send the hub a hundred thousand hostile entries, and see that none is accepted.

Exit status: 0 where everything holds, 1 where something does not.
"""

import argparse
import asyncio
import logging
import random
import sys
from pathlib import Path

import structlog

from tests.chaos import hostile
from tests.chaos.report import table
from tests.chaos.run import Settings, run
from tests.chaos.schedule import Fault, plan

HOSTILE_ENTRIES = 100_000
KILLS_A_MINUTE = 22


def main() -> int:
    """Run as the command line says; answers the exit status."""
    settings, besieged = _read_arguments()
    print(f"seed {settings.seed} (again: python -m tests.chaos --seed {settings.seed})", flush=True)
    for act in plan(settings.seed, settings.seconds, settings.kills, settings.only):
        print(f"  {act.at:7.2f}  {act}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    result = asyncio.run(run(settings))
    for line in table(result):
        print(line, flush=True)
    accepted = hostile.main(HOSTILE_ENTRIES, settings.seed).accepted if besieged else 0
    return 0 if result.is_good and not accepted else 1


def _read_arguments() -> tuple[Settings, bool]:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=5.0, help="how long faults are made")
    parser.add_argument("--hours", type=float, default=0.0, help="the same, for a long run")
    parser.add_argument("--kills", type=int, help="how many processes are killed")
    parser.add_argument("--only", action="append", default=[], choices=[*Fault], help="a fault")
    parser.add_argument("--heal", type=float, default=420.0, help="seconds until all must be well")
    parser.add_argument("--data", type=Path, default=Path("var/chaos"))
    told = parser.parse_args()
    minutes = told.hours * 60 or told.minutes
    settings = Settings(
        seed=told.seed,
        seconds=minutes * 60,
        kills=told.kills if told.kills is not None else max(110, int(minutes * KILLS_A_MINUTE)),
        folder=(told.data / str(told.seed)).absolute(),
        only=[Fault(each) for each in told.only],
        heal=told.heal,
    )
    return settings, not told.only


if __name__ == "__main__":
    sys.exit(main())
