"""Records that a list would have had and that were withdrawn lately, for feeds' tombstones.

Rules:
- only lists of filters are answered: a withdrawn record's words are in no index any more;
- only a few weeks back: readers who come more seldom see that a record is gone when they open it.
"""

from datetime import timedelta

from bri.content.v1 import content_pb2
from sqlmodel import Session

from bri_kit import content
from bri_kit.clock import now, rfc3339
from bri_kit.set_aside import write_each
from bri_node import reading, repository
from bri_node.tables import RecordRow
from bri_pages.asking import Question
from bri_pages.matching import Sieve
from bri_pages.source import Withdrawn

DAYS = 30
MOST = 50


def list_withdrawn(session: Session, question: Question) -> list[Withdrawn]:
    """What `question` would have listed, the last withdrawn first."""
    if question.text:
        return []
    since = rfc3339(now() - timedelta(days=DAYS))
    rows = repository.list_retracted(session, since, 2 * MOST)
    said = list(write_each("atom", rows, _content, reading.revision_of))
    passing = Sieve(said).passing(question)
    return [_told(row) for row in rows if row.id in passing][:MOST]


def _content(row: RecordRow) -> content_pb2.Record:
    return content_pb2.Record.FromString(row.content)


def _told(row: RecordRow) -> Withdrawn:
    return Withdrawn(row.id, content.centre_of(row.id), row.retracted_at or "", row.reason or "")
