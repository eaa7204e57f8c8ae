"""The six verbs, each answered from a source.

A record that cannot be written is left out of its list, which goes on after it; asked for by
itself, it is one that this format cannot tell.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bri_exchange import sets
from bri_exchange.oai import documents, dublin_core, native, tokens
from bri_exchange.oai.documents import Element, add
from bri_exchange.oai.errors import (
    BadResumptionToken,
    NothingMatches,
    ProtocolError,
    UnknownFormat,
    UnknownIdentifier,
)
from bri_exchange.oai.requests import Request, Walk, read_prefix, read_request, read_walk
from bri_exchange.source import Document, Item, Page, PositionLost, Repository, Selection, Source
from bri_kit.clock import read_time
from bri_kit.set_aside import Revision, write_each

PAGE = 100
"""Records in one answer; headers alone are five times as many."""

_MOST_PAGES = 20
"""How many pages of which nothing can be written are passed over for one answer."""

PATH = "/oai"


@dataclass(frozen=True, slots=True)
class Format:
    """How records are given: what its name stands for, and what writes one of a centre."""

    namespace: str
    schema: Callable[[Repository], str]
    write: Callable[[Document, Repository, Document], Element]


FORMATS: Mapping[str, Format] = {
    "oai_dc": Format(dublin_core.NAMESPACE, lambda _: dublin_core.SCHEMA, dublin_core.write),
    "bri": Format(native.NAMESPACE, native.schema_address, native.write),
}
_PREFIXES = tuple(FORMATS)


async def answer(source: Source, pairs: Sequence[tuple[str, str]]) -> bytes:
    """The document that answers a request's names and values, errors of the protocol included.

    Raises:
        bri_kit.errors.Unavailable: come again.
    """
    repository = await source.repository()
    base = f"{repository.address}{PATH}"
    request: Request | None = None
    try:
        request = read_request(pairs)
        root = documents.envelope(base, request.verb, request.arguments)
        await _VERBS[request.verb](source, repository, request, add(root, request.verb))
    except ProtocolError as error:
        # A request that is wrong in itself is echoed without what was wrong.
        is_sound = request is not None and error.code not in ("badVerb", "badArgument")
        verb, arguments = (request.verb, request.arguments) if request and is_sound else ("", {})
        root = documents.envelope(base, verb, arguments)
        add(root, "error", str(error)).set("code", error.code)
    return documents.write(root)


async def _identify(_: Source, repository: Repository, __: Request, parent: Element) -> None:
    add(parent, "repositoryName", repository.name)
    add(parent, "baseURL", f"{repository.address}{PATH}")
    add(parent, "protocolVersion", "2.0")
    add(parent, "adminEmail", repository.contact)
    earliest = read_time(repository.earliest)
    assert earliest is not None, "it is the time of our own clock"
    add(parent, "earliestDatestamp", documents.seconds(earliest))
    add(parent, "deletedRecord", "persistent")
    add(parent, "granularity", "YYYY-MM-DDThh:mm:ssZ")


async def _list_formats(
    source: Source, repository: Repository, request: Request, parent: Element
) -> None:
    if request.identifier:
        await _find(source, request)
    for prefix, each in FORMATS.items():
        child = add(parent, "metadataFormat")
        add(child, "metadataPrefix", prefix)
        add(child, "schema", each.schema(repository))
        add(child, "metadataNamespace", each.namespace)


async def _list_sets(source: Source, _: Repository, request: Request, parent: Element) -> None:
    if request.token is not None:
        raise BadResumptionToken("The list of sets is whole in one answer.")
    for each in sets.named(await source.centres(), await source.countries()):
        child = add(parent, "set")
        add(child, "setSpec", each.spec)
        add(child, "setName", each.name)


async def _get_record(
    source: Source, repository: Repository, request: Request, parent: Element
) -> None:
    prefix = read_prefix(request, _PREFIXES)
    item = await _find(source, request)
    writer = _Writer(repository, prefix, await source.centres())
    if not (written := list(writer.write_all([item], whole=True))):
        raise UnknownFormat("This record cannot be given in this format.")
    parent.extend(written)


async def _list(source: Source, repository: Repository, request: Request, parent: Element) -> None:
    walk = read_walk(request, _PREFIXES)
    limit = PAGE if walk.selection.whole else 5 * PAGE
    selection = replace(walk.selection, limit=limit, counted=request.token is None)
    writer = _Writer(repository, walk.prefix, await source.centres())
    for _ in range(_MOST_PAGES):
        page = await _page(source, selection)
        written = list(writer.write_all(page.items, whole=selection.whole))
        if written or not page.has_more:
            break
        # A list without a record is none in the protocol: what was set aside is passed over.
        walk = _beyond(walk, page)
        selection = replace(walk.selection, limit=limit)
    is_over = not written and not page.has_more
    if is_over and (request.token is None or not page.items):
        raise NothingMatches("Nothing is in this set and changed within these times.")
    parent.extend(written)
    if page.has_more or request.token is not None:
        documents.add_resumption(parent, *_resumption(walk, page))


async def _page(source: Source, selection: Selection) -> Page:
    try:
        return await source.page(selection)
    except PositionLost:
        raise BadResumptionToken("The list cannot go on from there; begin again.") from None


def _beyond(walk: Walk, page: Page) -> Walk:
    """The list after a page, all of which counts as given out."""
    seen = walk.seen + len(page.items)
    total = max(walk.total if page.total is None else page.total, seen)
    selection = replace(walk.selection, after=page.position, epoch=page.epoch)
    return Walk(walk.prefix, selection, seen, total)


def _resumption(walk: Walk, page: Page) -> tuple[str, int, int]:
    """The token, empty where there is nothing more; how many items came before, and how many there
    are, as they were counted at the beginning: those that change meanwhile are given again."""
    beyond = _beyond(walk, page)
    if not page.has_more:
        return "", walk.seen, beyond.seen
    token = tokens.write(walk.prefix, beyond.selection, beyond.seen, beyond.total)
    return token, walk.seen, beyond.total


async def _find(source: Source, request: Request) -> Item:
    item = await source.item(request.identifier)
    if item is None:
        raise UnknownIdentifier("There never was such a record here.")
    return item


class _Writer:
    """Writes whole records in one format."""

    def __init__(self, repository: Repository, prefix: str, centres: Sequence[Document]) -> None:
        self._repository = repository
        self._format = FORMATS[prefix]
        self._centres = {each["code"]: each for each in centres}

    def write_all(self, items: Sequence[Item], *, whole: bool) -> Iterator[Element]:
        """Records, or their headers alone where not `whole`, without those that are unreadable."""
        readable = (item for item in items if not item.is_unreadable)
        write = self._record if whole else documents.header
        return write_each("oai", readable, write, _revision_of)

    def _record(self, item: Item) -> Element:
        """A record with its header; one that is gone has nothing else."""
        record = documents.element("record")
        record.append(documents.header(item))
        if item.document is not None:
            centre = self._centres.get(item.document["centre"], {})
            written = self._format.write(item.document, self._repository, centre)
            add(record, "metadata").append(written)
        return record


def _revision_of(item: Item) -> Revision:
    return Revision(item.record_id, item.at)


_Answering = Callable[[Source, Repository, Request, Element], Awaitable[None]]
_VERBS: Mapping[str, _Answering] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list,
    "ListRecords": _list,
}
