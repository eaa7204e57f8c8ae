"""`python -m tests.chaos.attacks`: play every attack, one after the other, each against a fresh
federation, while a probe asks what any reader asks; print what became of it.

`--only NAME` (repeatable) plays one, `--quiet` none, which tells how fast this machine is without.

Exit status: 0 where every promise held, 1 where one was broken.
"""

import argparse
import asyncio
import json
import logging
import random
import shutil
import sys
import time
from pathlib import Path

import structlog

from bri_cli.layout import Layout
from tests.chaos import observations
from tests.chaos.attacks.catalogue import ATTACKS
from tests.chaos.attacks.federation import CENTRE, Up
from tests.chaos.attacks.play import play
from tests.chaos.attacks.stage import Attack, Place, Stage
from tests.chaos.attacks.verdicts import Verdict, table
from tests.chaos.probe import Order, Probing
from tests.e2e.ports import free_port_base

PUBLISH_EVERY = 2.0


async def _nothing(_: Stage) -> str:
    return ""


QUIET = Attack("quiet", "nothing is attacked", _nothing, lasting=20.0)


def main() -> int:
    """Play as the command line says; answers the exit status."""
    arguments = _read_arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("nats").setLevel(logging.CRITICAL)
    names = arguments.only or list(ATTACKS)
    chosen = [QUIET] if arguments.quiet else [ATTACKS[name] for name in names]
    arguments.data.mkdir(parents=True, exist_ok=True)
    print(f"seed {arguments.seed}", flush=True)
    verdicts = []
    for attack in chosen:
        verdicts.append(asyncio.run(_play(attack, arguments)))
        print("\n".join([*table(verdicts[-1:])][1:-1]), flush=True)
    print("\n".join(table(verdicts)), flush=True)
    report = arguments.data / "attacks.json"
    report.write_text(json.dumps([each.document() for each in verdicts], indent=1) + "\n")
    print(f"report: {report}")
    return int(any(each.broken for each in verdicts))


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.attacks", description=__doc__)
    parser.add_argument("--only", action="append", choices=[*ATTACKS], metavar="NAME")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--data", type=Path, default=Path("var/attacks"))
    parser.add_argument("--port-base", type=int, default=0)
    parser.add_argument("--keep", action="store_true", help="leave data and logs where they are")
    return parser.parse_args()


async def _play(attack: Attack, arguments: argparse.Namespace) -> Verdict:
    folder = (arguments.data / attack.name).absolute()
    up = Up(Layout(folder, arguments.port_base or free_port_base()))
    began = time.monotonic()
    try:
        await up.start()
        place = up.place()
        probing = Probing(_order(place, arguments.seed, folder), folder)
        await probing.start()
        stage = Stage(place, random.Random(f"{arguments.seed} {attack.name}"), [])
        problem = await play(attack, stage)
        await asyncio.sleep(attack.lasting)
        await probing.stop()
        ended = up.ended()
    finally:
        await up.stop()
    report = observations.judge(observations.read(folder / "probe.jsonl"))
    verdict = Verdict(
        attack.name,
        attack.what,
        report,
        ended,
        problem,
        dict(stage.statuses),
        time.monotonic() - began,
    )
    if not verdict.broken and not arguments.keep:
        shutil.rmtree(folder)
    return verdict


def _order(place: Place, seed: int, folder: Path) -> Order:
    return Order(
        hub=place.hub,
        nodes={CENTRE: place.node},
        tokens={CENTRE: place.editor},
        every=PUBLISH_EVERY,
        seed=seed,
        out=str(folder / "probe.jsonl"),
    )


if __name__ == "__main__":
    sys.exit(main())
