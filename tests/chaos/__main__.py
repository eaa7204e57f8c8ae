"""`python -m tests.chaos`: break everything for some minutes, while somebody attacks, and see that
nothing is lost and everybody else is served; then send the hub a hundred thousand entries that are
not its centre's, and see that none is accepted.

`--only` plays one kind of fault, or one attack, by itself.

Exit status: 0 where everything holds, 1 where something does not.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from tests.chaos import hostile
from tests.chaos.attacks.catalogue import ATTACKS
from tests.chaos.report import document, table
from tests.chaos.run import Settings, run
from tests.chaos.schedule import Fault, faulty_seconds

HOSTILE_ENTRIES = 100_000
KILLS_A_MINUTE = 22


def main() -> int:
    """Run as the command line says; answers the exit status."""
    settings, besieged = _read_arguments()
    print(f"seed {settings.seed} (again: python -m tests.chaos --seed {settings.seed})", flush=True)
    for act in settings.schedule():
        print(f"  {act.at:7.2f}  {act}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    result = asyncio.run(run(settings))
    for line in table(result):
        print(line, flush=True)
    report = settings.folder / "report.json"
    report.write_text(json.dumps(document(result), indent=1) + "\n")
    print(f"report: {report}", flush=True)
    accepted = hostile.main(HOSTILE_ENTRIES, settings.seed).accepted if besieged else 0
    return 0 if result.is_good and not accepted else 1


def _read_arguments() -> tuple[Settings, bool]:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=5.0, help="how long faults are made")
    parser.add_argument("--seconds", type=float, default=0.0, help="the same, for a short run")
    parser.add_argument("--hours", type=float, default=0.0, help="the same, for a long run")
    parser.add_argument("--kills", type=int, help="how many processes are killed")
    names = [*Fault, *ATTACKS]
    parser.add_argument(
        "--only", "--attack", action="append", default=[], choices=names, metavar="NAME"
    )
    parser.add_argument("--no-attacker", action="store_true")
    parser.add_argument("--no-faults", action="store_true")
    parser.add_argument(
        "--embedder", action="store_true", help="compute meanings too, which takes a core"
    )
    parser.add_argument("--heal", type=float, default=420.0, help="seconds until all must be well")
    parser.add_argument("--data", type=Path, default=Path("var/chaos"))
    told = parser.parse_args()
    minutes = told.hours * 60 or told.seconds / 60 or told.minutes
    attacks = [] if told.no_attacker else _attacks(told.only)
    faults = [Fault(each) for each in told.only if each not in ATTACKS]
    faulty = faulty_seconds(minutes * 60) / 60 if attacks else minutes
    settings = Settings(
        seed=told.seed,
        seconds=minutes * 60,
        kills=told.kills if told.kills is not None else int(faulty * KILLS_A_MINUTE),
        folder=(told.data / str(told.seed)).absolute(),
        only=faults,
        heal=told.heal,
        attacks=attacks,
        faults=not told.no_faults and (bool(faults) or not told.only),
        embedder=told.embedder,
    )
    return settings, not told.only


def _attacks(only: Sequence[str]) -> list[str]:
    """Those that are asked for by name; without any names, those that go with faults."""
    if only:
        return [each for each in only if each in ATTACKS]
    return [name for name, attack in ATTACKS.items() if attack.with_faults]


if __name__ == "__main__":
    sys.exit(main())
