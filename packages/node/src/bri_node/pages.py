"""A centre's own site: what pages ask, answered from the centre's database and its own index.

It needs nobody else: it works when the hub, the broker or the line is gone.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeGuard, TypeVar

from bri.log.v1 import log_pb2
from fastapi import FastAPI, Request
from sqlmodel import Session

from bri_kit import content, set_aside, signing
from bri_kit.errors import NotFound, Unavailable
from bri_kit.keyring import Keyring
from bri_kit.set_aside import write_each
from bri_node import journal, keys, reading, repository
from bri_node.domain import State
from bri_node.journal import LogLine
from bri_node.node import Node
from bri_node.profile import NodeSettings, Profile
from bri_node.tables import RecordRow
from bri_node.withdrawn import list_withdrawn
from bri_pages.app import create_site
from bri_pages.asking import Question
from bri_pages.site import FEED_HUB, Site
from bri_pages.source import (
    Document,
    Listed,
    Provenance,
    RecordView,
    Revision,
    Stretch,
    Withdrawn,
)
from bri_retrieval.engine import EngineUnavailable, Query, Results, Suggestion

MAX_REVISIONS = 50
"""How many of a record's latest revisions a page can tell."""
_MOST_RELATED = 5

Answer = TypeVar("Answer")


class NodeSource:
    """Answers pages from a running node."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def search(self, query: Query) -> Results:
        """One page of what `query` asks for, of this centre's records."""
        return await _ask(lambda: self._node.engine.search(query))

    async def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Completions of what is typed."""
        return await _ask(lambda: self._node.engine.suggest(text, language, limit))

    async def record(self, record_id: str, language: str) -> RecordView:
        """A record, its history, its proof and what is like it."""
        view = await asyncio.to_thread(self._read, record_id)
        try:
            related = await asyncio.to_thread(
                self._node.engine.related, record_id, language, _MOST_RELATED
            )
        except EngineUnavailable:
            return view
        return replace(view, related=related.hits)

    async def documents(self, record_ids: Sequence[str]) -> Sequence[Document]:
        """Those of these records that are published."""
        return await asyncio.to_thread(self._documents, record_ids)

    async def stretches(self, length: int) -> Sequence[Stretch]:
        """Where published records are, among so many at a time."""
        return await asyncio.to_thread(self._stretches, length)

    async def listing(self, centre: str, number: int, length: int) -> Sequence[Listed]:
        """The published records of one such stretch."""
        if centre != self._node.profile.code:
            return ()
        return await asyncio.to_thread(self._listing, number, length)

    async def withdrawn(self, question: Question) -> Sequence[Withdrawn]:
        """What `question` would have listed and was withdrawn lately."""
        return await asyncio.to_thread(self._withdrawn, question)

    async def centres(self) -> Sequence[Document]:
        """This one centre."""
        profile = self._node.profile
        records = await asyncio.to_thread(self._node.engine.count)
        return [
            {
                "code": profile.code,
                "names": dict(profile.names),
                "languages": list(profile.languages),
                "countries": list(profile.countries),
                "records": records,
            }
        ]

    async def federation(self) -> Document:
        """Not a centre's to tell.

        Raises:
            NotFound: always.
        """
        raise NotFound

    def _read(self, record_id: str) -> RecordView:
        with self._node.store.reading() as session:
            return _view(session, record_id, keys.ring(session, self._node.centre.seal))

    def _documents(self, record_ids: Sequence[str]) -> Sequence[Document]:
        with self._node.store.reading() as session:
            rows = (repository.find(session, each) for each in record_ids)
            shown = (row for row in rows if _is_shown(row))
            return list(write_each("page", shown, reading.record_json, reading.revision_of))

    def _withdrawn(self, question: Question) -> Sequence[Withdrawn]:
        with self._node.store.reading() as session:
            return list_withdrawn(session, question)

    def _stretches(self, length: int) -> Sequence[Stretch]:
        code = self._node.profile.code
        with self._node.store.reading() as session:
            return [Stretch(code, *each) for each in repository.list_stretches(session, length)]

    def _listing(self, number: int, length: int) -> Sequence[Listed]:
        with self._node.store.reading() as session:
            return [Listed(*each) for each in repository.list_changes(session, number, length)]


def site_of(profile: Profile, settings: NodeSettings) -> Site:
    """What makes the centre's site. Its feeds are followed at the hub, which knows what is in them
    and can be reached; it knows them by the address that it was told."""
    hub = settings.hub_url.rstrip("/")
    return Site(
        profile.code,
        profile.names,
        profile.languages,
        address=settings.public_url.rstrip("/"),
        accent=profile.accent,
        hub=settings.hub_url,
        feed_hub=f"{hub}{FEED_HUB}" if hub and settings.public_url else "",
    )


def create_pages(site: Site, node: Callable[[], Node]) -> FastAPI:
    """The centre's pages, to be mounted beside its API; `node` finds the running one."""

    def source(_request: Request) -> NodeSource:
        return NodeSource(node())

    return create_site(site, source)


async def _ask(question: Callable[[], Answer]) -> Answer:
    try:
        return await asyncio.to_thread(question)
    except EngineUnavailable as fact:
        raise Unavailable("The search does not answer.") from fact


def _is_shown(row: RecordRow | None) -> TypeGuard[RecordRow]:
    return row is not None and row.state == State.PUBLISHED


def _view(session: Session, record_id: str, ring: Keyring) -> RecordView:
    row = reading.read(session, record_id, None)
    lines = journal.about(session, record_id, MAX_REVISIONS)
    shown = next((line for line in lines if line.number == row.entry_number), None)
    document = _revision(shown).document if shown else None
    if shown is None or document is None:
        raise NotFound(f"There is no record {record_id[:100]!r} here.")
    # As it was last published, whatever an editor is doing with it now.
    revisions = list(
        write_each("page", reversed(lines), _revision, lambda line: _named(record_id, line))
    )
    return RecordView(document, _provenance(shown, record_id, ring), revisions)


def _named(record_id: str, line: LogLine) -> set_aside.Revision:
    return set_aside.Revision(record_id, line.number)


def _provenance(line: LogLine, record_id: str, ring: Keyring) -> Provenance:
    signed = log_pb2.SignedEntry.FromString(line.envelope)
    tenure = ring.at(line.number)
    return Provenance(
        centre=content.centre_of(record_id),
        entry=line.number,
        hash=line.hash.hex(),
        key=signed.key.hex(),
        verified=tenure is not None
        and tenure.key == signed.key
        and signing.is_signed(signed.key, signed.entry, signed.signature),
        keys=ring.tenures,
    )


def _revision(line: LogLine) -> Revision:
    signed = log_pb2.SignedEntry.FromString(line.envelope)
    entry = log_pb2.Entry.FromString(signed.entry)
    if entry.HasField("retracted"):
        withdrawn = entry.retracted
        return Revision(withdrawn.revision, line.written_at, None, withdrawn.reason)
    document = content.to_json(entry.published, State.PUBLISHED)
    return Revision(entry.published.revision, line.written_at, document)
