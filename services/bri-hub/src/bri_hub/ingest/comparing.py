"""Comparing on request: a node asks what the hub holds of its log, and offers what it should hold.

Rules:
- every answer says where the hub stands; one question at a time is answered, in a thread, and
  centres in turn (`questions`);
- what a question may cost is bounded: MAX_RANGES ranges, MAX_CHECKED entries hashed again,
  MAX_BYTES of entries in one answer;
- nothing is taken at the node's word: see `mending`.
"""

import asyncio
from contextlib import AbstractAsyncContextManager

import structlog
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bri_hub import measures
from bri_hub.announcing import Announcements
from bri_hub.ingest import mending
from bri_hub.ingest.questions import answering
from bri_hub.repository import comparing
from bri_hub.tables import MAX_NUMBER, Centre
from bri_kit import database, digests, transport

MAX_RANGES = 64
MAX_CHECKED = 1_024
MAX_RECORDS = 1_024
MAX_BYTES = 4 * 1024 * 1024

logger = structlog.get_logger()


def answering_comparisons(
    client: Client, engine: Engine, news: Announcements
) -> AbstractAsyncContextManager[None]:
    """Every centre's comparisons are answered inside the block."""

    async def compare(centre: str, data: bytes) -> bytes:
        response = await asyncio.to_thread(answer, engine, centre, data)
        if response.numbers or response.records:
            news.announce()
        return response.SerializeToString()

    return answering(client, "comparison", transport.compare_subject("*"), compare)


def answer(engine: Engine, centre: str, data: bytes) -> log_pb2.CompareResponse:
    """The answer to a serialised request of a centre."""
    try:
        request = log_pb2.CompareRequest.FromString(data)
        if request.WhichOneof("question") == "mending":
            return _mend(engine, centre, request.mending)
        return _look(engine, centre, request)
    except DecodeError:
        return log_pb2.CompareResponse(problem="The question cannot be read.")
    except SQLAlchemyError:
        logger.exception("comparison.failed", centre=centre)
        return log_pb2.CompareResponse(problem="The hub's database does not answer.")


def _look(engine: Engine, code: str, request: log_pb2.CompareRequest) -> log_pb2.CompareResponse:
    with database.reading(engine) as session:
        centre = session.get(Centre, code)
        if centre is None:
            return log_pb2.CompareResponse(problem=f"No centre {code!r} was admitted to the hub.")
        response = _standing(centre)
        log = comparing.Log(session, code)
        match request.WhichOneof("question"):
            case "digests":
                _add_digests(session, code, log, request.digests, response)
            case "entries":
                _add_entries(session, code, request.entries, response)
            case "check":
                _add_damaged(session, code, request.check, response)
            case "records":
                _add_records(session, code, request.records, response)
            case _:
                measures.COMPARISONS.inc()
    if log.made:
        with database.writing(engine) as session:
            comparing.keep_digests(session, code, log.made)
    return response


def _standing(centre: Centre) -> log_pb2.CompareResponse:
    return log_pb2.CompareResponse(
        head=centre.number,
        head_hash=centre.head if centre.number else b"",
        rejected=centre.rejected,
    )


def _add_digests(
    session: Session,
    code: str,
    log: comparing.Log,
    question: log_pb2.DigestsQuestion,
    response: log_pb2.CompareResponse,
) -> None:
    if not 1 <= question.level <= digests.HIGHEST_LEVEL or len(question.ranges) > MAX_RANGES:
        response.problem = f"At most {MAX_RANGES} ranges, of levels 1 to {digests.HIGHEST_LEVEL}."
        return
    records = question.tree == log_pb2.TREE_RECORDS
    side = comparing.Records(session, code).side if records else log.side
    upto = min(question.upto, response.head)
    response.digests = b"".join(
        digest
        for index in question.ranges
        for digest in digests.within(side, question.level, index, upto)
    )


def _add_entries(
    session: Session,
    code: str,
    question: log_pb2.EntriesQuestion,
    response: log_pb2.CompareResponse,
) -> None:
    last = min(question.last, question.first + MAX_CHECKED - 1, response.head)
    size = 0
    for kept in comparing.kept_entries(session, code, min(question.first, MAX_NUMBER), last):
        size += len(kept.envelope)
        if response.entries and size > MAX_BYTES:
            break
        response.entries.append(kept.envelope)


def _add_damaged(
    session: Session,
    code: str,
    question: log_pb2.CheckQuestion,
    response: log_pb2.CompareResponse,
) -> None:
    last = min(question.last, question.first + MAX_CHECKED - 1, response.head)
    first = min(question.first, MAX_NUMBER)
    response.numbers.extend(mending.damaged(session, code, first, last))


def _add_records(
    session: Session,
    code: str,
    question: log_pb2.RecordsQuestion,
    response: log_pb2.CompareResponse,
) -> None:
    numbers = [each for each in question.numbers[:MAX_RECORDS] if each <= MAX_NUMBER]
    for record in comparing.records_at(session, code, numbers):
        response.records.add(
            id=record.id,
            revision=record.revision,
            state=record.state,
            number=record.entry_number,
        )


def _mend(engine: Engine, code: str, offer: log_pb2.Mending) -> log_pb2.CompareResponse:
    with database.writing(engine) as session:
        centre = session.get(Centre, code)
        if centre is None:
            return log_pb2.CompareResponse(problem=f"No centre {code!r} was admitted to the hub.")
        response = _standing(centre)
        mended = mending.mend_entries(session, centre, offer.entries[:MAX_CHECKED])
        again = mending.remake_records(session, centre, offer.records[:MAX_RECORDS])
        response.numbers.extend(mended)
        response.records.extend(log_pb2.RecordState(id=each) for each in again)
    measures.MENDED.inc(len(mended) + len(again))
    if mended or again:
        logger.warning("log.mended", centre=code, entries=mended, records=again)
    return response
