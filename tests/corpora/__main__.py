"""Foreign documents through our readers, with figures: `python -m tests.corpora FOLDER`.

Nothing is fetched: the folder holds what others publish for tests (feeds, OAI-PMH answers, pages,
tables), each kind told by the file's name and content. Figures are for comparison, before a change
and after it. A crash is what no reader may have: the exit status is 1.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bri_harvesting import feeds, oai_page, pages
from bri_harvesting.drafting import Raw, draft
from bri_harvesting.encodings import Undecodable, decode, decode_markup
from bri_harvesting.source import Fault, Item, Limits, Source, SourceFailed

SOURCE = Source("feed", "https://corpus.example/", ("zh", "en", "ru"))
_LARGEST = 8 * 1024 * 1024


def _feed(data: bytes) -> Iterator[Raw | Fault]:
    decoded = decode_markup(data)
    if decoded.remark:
        yield Fault("recovered", decoded.remark)
    read = feeds._json_items if decoded.text.lstrip()[:1] == "{" else None
    if read:
        yield from read(decoded.text, SOURCE.url)
    else:
        yield from feeds._xml_items(decoded.text, SOURCE.url, Limits().items)


def _repository(data: bytes) -> Iterator[Raw | Fault]:
    page = oai_page.parse(data)
    yield from page.faults
    yield from (Raw(identity=str(number), title="x") for number, _ in enumerate(page.records))


def _page(data: bytes) -> Iterator[Raw | Fault]:
    yield pages._extracted(decode_markup(data), SOURCE.url)


def _table(data: bytes) -> Iterator[Raw | Fault]:
    decoded = decode(data)
    if decoded.remark:
        yield Fault("recovered", decoded.remark)
    yield Raw(identity="table", title="x")


def _reader(path: Path, data: bytes) -> tuple[str, Iterator[Raw | Fault]] | None:
    suffix = path.suffix.lower()
    if suffix in (".html", ".htm"):
        return "page", _page(data)
    if suffix in (".csv", ".tsv"):
        return "table", _table(data)
    if suffix in (".xml", ".rss", ".atom", ".json"):
        is_oai = b"OAI-PMH" in data[:2000]
        return ("oai", _repository(data)) if is_oai else ("feed", _feed(data))
    return None


def _counted(kind: str, found: Iterator[Raw | Fault]) -> Iterator[str]:
    """What to count of one document."""
    try:
        for each in found:
            findings = [each] if isinstance(each, Fault) else draft(each, SOURCE)
            for finding in findings:
                if isinstance(finding, Item):
                    yield f"{kind} items"
                    yield f"{kind} items {'with' if finding.date else 'without'} a date"
                    yield from [f"{kind} items with remarks"] * bool(finding.remarks)
                    yield from [f"{kind} items with pictures"] * ("<img " in finding.body)
                else:
                    yield f"{kind} fault {finding.code}"
        yield f"{kind} documents read"
    except SourceFailed as fact:
        yield f"{kind} documents refused: {fact.code}"
    except Undecodable:
        yield f"{kind} documents refused: encoding"


def main(folder: Path) -> int:
    """Read everything below `folder`, print figures; 1 where something crashed."""
    figures: Counter[str] = Counter()
    crashed = 0
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        data = path.read_bytes()[:_LARGEST]
        reader = _reader(path, data)
        if reader is None:
            continue
        try:
            figures.update(_counted(*reader))
        except Exception as error:  # noqa: BLE001 - what is counted is any crash
            crashed += 1
            print(f"CRASHED {path}: {type(error).__name__}: {error}"[:300])
    for name, count in sorted(figures.items()):
        print(f"{count:8} {name}")
    print(f"{crashed:8} documents crashed")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
