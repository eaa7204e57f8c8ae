"""The tool that keeps the catalogues, as tests use it."""

import importlib.util
from pathlib import Path
from types import ModuleType

from babel.messages.catalog import Catalog

_TOOL = Path(__file__).parents[2] / "packages" / "pages" / "catalogues.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues", _TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_tool = _load()


def extracted() -> Catalog:
    """Everything that templates and code say."""
    found: Catalog = _tool.extracted()
    return found


def catalogue(language: str) -> Catalog:
    """What is translated into `language`."""
    found: Catalog = _tool.catalogue(language)
    return found
