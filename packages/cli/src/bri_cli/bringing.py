"""Tables of a person's own into a centre's platform: read here, kept there, whole or not at all."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bri_cli.outcome import CommandFailed, NotBegun
from bri_cli.remote import Remote
from bri_client import sources
from bri_client.node import centre
from bri_harvesting.source import Fault, Item, Limits, Source, SourceFailed
from bri_harvesting.tables import Mapping as TableMapping
from bri_harvesting.tables import MappingFault, items_of, read_mapping

MAX_BYTES = 64 * 1024 * 1024


class NotATable(CommandFailed):
    """The file does not hold what the mapping says; every fault is told with its place."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(f"{name}: nothing was imported, {len(faults)} faults")


def mapping_of(path: Path) -> TableMapping:
    """The mapping in a file. Raises NotBegun."""
    try:
        return read_mapping(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, MappingFault) as error:
        raise NotBegun(f"{path}: {error}") from None


def bring(
    remote: Remote, path: Path, mapping: TableMapping, name: str, *, publish: bool, whole: bool
) -> Mapping[str, Any]:
    """Import a table's rows as the items of the source `name`.

    Raises:
        NotATable: the file has faults; nothing was sent.
        CommandFailed: the platform cannot be reached or refuses; nothing was kept.
    """
    languages = tuple(remote.ask(centre())["edition_languages"])
    items = _read(path, mapping, languages)
    call = sources.bring(name, [asdict(each) for each in items], {}, publish=publish, whole=whole)
    return remote.ask(call)


def _read(path: Path, mapping: TableMapping, languages: tuple[str, ...]) -> list[Item]:
    source = Source("table", "", languages)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise NotBegun(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MiB")
        found = list(items_of(path.read_bytes(), mapping, source, Limits()))
    except OSError as error:
        raise NotBegun(f"{path} cannot be read: {error.strerror or error}") from None
    except SourceFailed as fact:
        raise NotATable(str(path), [Fault(fact.code, fact.detail)]) from None
    faults = [each for each in found if isinstance(each, Fault)]
    if faults:
        raise NotATable(str(path), faults)
    return [each for each in found if isinstance(each, Item)]
