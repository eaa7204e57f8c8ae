"""Legal instruments that change each other, found by their numbers.

A record names what it amends and repeals by numbers, as law does, or by identifiers of records.
Which records those are, and who names this one, is asked of search and believed only where the
record itself says so.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bri_kit.content import MAX_ITEMS, MAX_TEXT, is_record_id
from bri_kit.errors import Unavailable
from bri_kit.set_aside import Revision, write_each
from bri_pages.source import Document, Source
from bri_retrieval.engine import Query

_MOST_NUMBERS = 8
_MOST_FOUND = 20
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Named:
    """An instrument that another names by its number; `record` is None where it is not here."""

    number: str
    record: Document | None


@dataclass(frozen=True, slots=True)
class Ties:
    """What an instrument changes, and what changes it."""

    amends: Sequence[Named] = ()
    repeals: Sequence[Named] = ()
    amended_by: Sequence[Document] = ()
    repealed_by: Sequence[Document] = ()


async def find_ties(source: Source, record: Document, language: str) -> Ties:
    """The ties of a record; without a policy it has none."""
    policy: Mapping[str, Any] = record.get("policy") or {}
    amends, repeals = _numbers(policy, "amends"), _numbers(policy, "repeals")
    mine = (str(policy.get("number") or "")[:MAX_TEXT], record["id"]) if policy else ()
    numbers = [each for each in (*amends, *repeals) if not is_record_id(each)]
    asked = dict.fromkeys([*mine, *numbers])
    wanted = [each for each in asked if len(_digest(each)) >= _SHORTEST][:_MOST_NUMBERS]
    if not wanted:
        return Ties(_unknown(amends), _unknown(repeals))
    found = await asyncio.gather(*(_search(source, each, language) for each in wanted))
    named = [each for each in (*amends, *repeals) if is_record_id(each)]
    others = dict.fromkeys(each for names in (named, *found) for each in names)
    others.pop(record["id"], None)
    documents = _titled(await source.documents(list(others))) if others else ()
    known = _by_number(documents)
    return Ties(
        amends=[Named(each, known.get(_digest(each))) for each in amends],
        repeals=[Named(each, known.get(_digest(each))) for each in repeals],
        amended_by=[each for each in documents if _names(each, "amends", mine)],
        repealed_by=[each for each in documents if _names(each, "repeals", mine)],
    )


async def _search(source: Source, number: str, language: str) -> Sequence[str]:
    quoted = '"{}"'.format(number.replace('"', " "))
    query = Query(
        text=quoted, language=language, kinds=("policy",), mode="words", limit=_MOST_FOUND
    )
    try:
        return [hit.id for hit in (await source.search(query)).hits]
    except Unavailable:
        return ()


def _unknown(numbers: Iterable[str]) -> Sequence[Named]:
    return [Named(each, None) for each in numbers]


def _numbers(policy: Mapping[str, Any], what: str) -> list[str]:
    """What a policy names, within the bounds that records have today."""
    return [str(each)[:MAX_TEXT] for each in (policy.get(what) or ())[:MAX_ITEMS]]


def _titled(documents: Sequence[Document]) -> Sequence[Document]:
    """Those that can be told by their titles: another record never breaks this one's page."""

    def read(document: Document) -> Document:
        assert document["editions"][document["original_language"]]["title"]
        return document

    return list(write_each("page", documents, read, _revision_of))


def _revision_of(document: Document) -> Revision:
    return Revision(str(document["id"]), document["revision"])


def _by_number(documents: Iterable[Document]) -> Mapping[str, Document]:
    """Each by its number and its identifier; of several with one, the first."""
    known: dict[str, Document] = {}
    for document in documents:
        for own in (_policy(document, "number"), document["id"]):
            if digest := _digest(own):
                known.setdefault(digest, document)
    return known


def _names(document: Document, what: str, mine: Iterable[str]) -> bool:
    wanted = set(filter(None, map(_digest, mine)))
    return any(_digest(each) in wanted for each in _numbers(document.get("policy") or {}, what))


def _policy(document: Document, what: str) -> Any:
    return (document.get("policy") or {}).get(what) or ""


def _digest(number: str) -> str:
    """A number without what people write in different ways: spaces, dashes, signs, case."""
    # Not folded by compatibility, which would make letters of the sign of a number.
    return "".join(each for each in number.casefold() if each.isalnum())
