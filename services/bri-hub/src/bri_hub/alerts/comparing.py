"""What became different between two revisions of a record, in terms that any language can say.

Rules:
- a difference is a code and what belongs to it: `["status", "in-force", "repealed"]`; words are
  made of it where it is told, in the language of whoever is told;
- of two numbers of legal instruments those agree that differ in spaces, punctuation, case and
  script alone: `89-ФЗ`, `No. 89-fz`. Where both say whose they are, that agrees too.
"""

import re
from collections.abc import Iterator
from typing import Any

from bri.content.v1 import content_pb2

from bri_retrieval.folding import fold
from bri_retrieval.romanised import document_numbers

Difference = list[Any]

MOST_DIFFERENCES = 12
"""More are no line any more."""

_BEFORE_NUMBER = re.compile(r"(?:№|\bno\.?|\bn°|\bnº|\bnumber)\s*+(?=\S)")
_LONGEST_NUMBER = 1_000
_KEPT = re.compile(r"[^\W_]+")


def law_number(text: str) -> str:
    """A legal instrument's number as it is compared; empty where there is none in `text`."""
    folded = fold(text[:_LONGEST_NUMBER])
    # The last mark counts: what stands before it names the instrument in words.
    marks = [found.end() for found in _BEFORE_NUMBER.finditer(folded)]
    number = folded[marks[-1] :] if marks else folded
    if not number.isascii():
        number = document_numbers(number)
    return "".join(_KEPT.findall(number))


def touched_laws(record: content_pb2.Record) -> dict[str, str]:
    """The numbers of instruments that a policy amends or repeals, and which it does."""
    policy = record.policy
    found = {law_number(each): "amended-by" for each in policy.amends}
    found |= {law_number(each): "repealed-by" for each in policy.repeals}
    found.pop("", None)
    return found


def differences(before: content_pb2.Record, after: content_pb2.Record) -> list[Difference]:
    """What `after` has that `before` had not, or otherwise; what weighs most comes first."""
    return list(_differences(before, after))[:MOST_DIFFERENCES]


def _differences(before: content_pb2.Record, after: content_pb2.Record) -> Iterator[Difference]:
    if before.policy.status != after.policy.status:
        yield ["status", before.policy.status, after.policy.status]
    old = {edition.language: edition for edition in before.editions}
    new = {edition.language: edition for edition in after.editions}
    changed = [tag for tag in new if tag in old and _texts(old[tag]) != _texts(new[tag])]
    for code, tags in (
        ("added", [tag for tag in new if tag not in old]),
        ("dropped", [tag for tag in old if tag not in new]),
        ("text", changed),
    ):
        if tags:
            yield [code, *sorted(tags)]
    for code in ("countries", "topics"):
        if sorted(getattr(before, code)) != sorted(getattr(after, code)):
            yield [code]
    if (before.dates.event, before.dates.original) != (after.dates.event, after.dates.original):
        yield ["dates"]
    if before.source != after.source:
        yield ["source"]


def _texts(edition: content_pb2.Edition) -> tuple[str, str, str]:
    return edition.title, edition.summary, edition.body
