"""Generate Python from the contracts: `python proto/generate.py [OUT]` (default: `proto/gen`)."""

import sys
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

HERE = Path(__file__).parent


def generate(out: Path) -> None:
    """Write messages, their stubs and the gRPC services below `out`.

    Raises:
        SystemExit: protoc refused a file; it has said why on standard error.
    """
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(str(path.relative_to(HERE)) for path in HERE.glob("bri/**/*.proto"))
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    places = [f"-I{HERE}", f"-I{well_known}"]
    kinds = ("python", "pyi", "grpc_python", "mypy_grpc")
    status = protoc.main(["protoc", *places, *(f"--{kind}_out={out}" for kind in kinds), *files])
    if status:
        raise SystemExit(status)
    for folder in {out / "bri", *(path.parent for path in out.glob("bri/**/*.py"))}:
        while folder != out:
            (folder / "__init__.py").touch()
            (folder / "py.typed").touch()
            folder = folder.parent


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "gen")
