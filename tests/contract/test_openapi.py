"""The public API does not change unnoticed.

`python -m tests.contract.test_openapi` writes the documents anew; read the difference before you
commit it: whatever left or became narrower breaks somebody outside.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest

from bri_hub.app import create_app as create_hub
from bri_hub.settings import HubSettings
from bri_node.app import create_app as create_node
from bri_node.profile import NodeSettings
from sco_platform.profile import PROFILE

FOLDER = Path(__file__).with_name("openapi")


def described(service: str, data: Path) -> dict[str, Any]:
    """What the service says of itself at `/openapi.json`."""
    if service == "hub":
        return create_hub(HubSettings(data=data, port=8000)).openapi()
    return create_node(PROFILE, NodeSettings(data=data, port=8001)).openapi()


@pytest.mark.parametrize("service", ["hub", "node"])
def test_the_api_is_as_it_was(service: str, tmp_path: Path) -> None:
    """The OpenAPI document equals the one that is kept beside this test."""
    kept = orjson.loads((FOLDER / f"{service}.json").read_bytes())
    assert described(service, tmp_path) == kept, "see this module's docstring"


def _write() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        for service in ("hub", "node"):
            document = described(service, Path(folder))
            text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
            (FOLDER / f"{service}.json").write_bytes(text + b"\n")


if __name__ == "__main__":
    _write()
