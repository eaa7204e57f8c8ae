"""`python -m tests.chaos.fuzz`: each parser of foreign bytes, for some seconds, in a process of its
own that may die.

First comes all of Unicode, 1 000 characters at a time, for half of the time at most; then examples
that were mutated. A finding is an error that a parser does not say it raises, more than SECONDS of
processor time for one input, more memory than MEMORY_BYTES, or the end of the process. The input of
each finding is kept. With `--engine atheris` (pip install atheris) inputs are led by what they
cover; without it they follow from the seed.

Exit status: 0 without findings, else 1.
"""

import argparse
import importlib
import random
import resource
import subprocess
import sys
import time
import traceback
import warnings
from pathlib import Path

from tests.chaos.fuzz.mutations import mutated
from tests.chaos.fuzz.parsers import PARSERS, Parser
from tests.support import hostile_text

SECONDS = 2.0
MEMORY_BYTES = 3 * 1024**3
SIZE = 64 * 1024
_LAST, _PATIENCE = "last-input", 300.0


def main() -> int:
    """Fuzz as the command line says; answers the exit status."""
    arguments = _read_arguments()
    if arguments.inside:
        return _fuzz(PARSERS[arguments.inside], arguments)
    names = arguments.only or list(PARSERS)
    return int(any([_in_child(name, arguments) for name in names]))  # noqa: C419 - all of them


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.fuzz", description=__doc__)
    parser.add_argument("--only", action="append", choices=[*PARSERS], metavar="NAME")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each parser")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of the largest input")
    parser.add_argument("--engine", choices=("random", "atheris"), default="random")
    parser.add_argument("--data", type=Path, default=Path("var/fuzz"))
    parser.add_argument("--inside", choices=[*PARSERS], help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_child(name: str, arguments: argparse.Namespace) -> bool:
    """Whether something was found."""
    folder = arguments.data / name
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.chaos.fuzz", "--inside", name, *sys.argv[1:]]
    command += ["--seed", str(arguments.seed)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=arguments.seconds + _PATIENCE,
        )
        status, said = done.returncode, done.stdout + done.stderr[-2_000:]
    except subprocess.TimeoutExpired:
        status, said = -1, f"one input was not over after {_PATIENCE:g} s"
    if status == 0:
        print(f"{name:<14} {said.strip()}", flush=True)
        return False
    how = "findings" if status == 1 else f"ended with {status}; its input is {folder / _LAST}"
    print(f"{name:<14} {how}\n    {said.strip()}", flush=True)
    return True


def _fuzz(parser: Parser, arguments: argparse.Namespace) -> int:
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    folder = arguments.data / parser.name
    if arguments.engine == "atheris":
        return _by_coverage(parser, arguments, folder)
    chance, ends_at = random.Random(f"{arguments.seed} {parser.name}"), arguments.seconds
    found: dict[str, Path] = {}
    for seed in parser.seeds:
        parser.accepts(seed)  # the first of a kind loads what it needs
    count, began = 0, time.monotonic()
    unicode = iter([hostile_text.expanding(), *hostile_text.everything()])
    while (spent := time.monotonic() - began) < ends_at:
        count += 1
        text = next(unicode, "") if spent < ends_at / 2 else ""
        data = text.encode() or mutated(chance, parser.seeds, arguments.size)
        (folder / _LAST).write_bytes(data)
        if problem := try_once(parser, data):
            kept = folder / f"finding-{len(found)}"
            if found.setdefault(problem, kept) == kept:
                kept.write_bytes(data)
                print(f"{problem} ({kept})")
    (folder / _LAST).unlink(missing_ok=True)
    print(f"{count} inputs, {len(found)} findings")
    return int(bool(found))


def try_once(parser: Parser, data: bytes) -> str:
    """What is wrong with how a parser takes an input; empty where nothing is."""
    began = time.process_time()
    try:
        parser.accepts(data)
    except Exception as error:  # noqa: BLE001 - whatever is raised is a finding
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
    took = time.process_time() - began
    return f"slower than {SECONDS:g} s" if took > SECONDS else ""


def _by_coverage(parser: Parser, arguments: argparse.Namespace, folder: Path) -> int:
    atheris = importlib.import_module("atheris")
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for index, seed in enumerate(parser.seeds):
        (corpus / f"seed-{index}").write_bytes(seed)
    options = [f"-max_total_time={int(arguments.seconds)}", f"-seed={arguments.seed}"]
    options += [f"-max_len={arguments.size}", f"-artifact_prefix={folder}/", "-timeout=10"]
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *options, str(corpus)], parser.accepts)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
