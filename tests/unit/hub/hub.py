"""A hub of database and pipeline alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from bri.log.v1 import log_pb2
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bri_hub.administration import Decision
from bri_hub.brake import Limits
from bri_hub.ingest.pipeline import (
    Arrival,
    Batch,
    Outcome,
    apply_batch,
    find_released,
    read_batch,
)
from bri_hub.tables import Centre as CentreRow
from bri_hub.tables import Entry, HubTable, Record
from bri_kit import database, log
from tests.support import postgres
from tests.support.centres import AT, Centre

Value = TypeVar("Value")
Step = Callable[[Session, Decision], dict[str, Any]]


class Hub:
    """The pipeline on a database of its own, in memory."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.engine: Engine = database.connect(_address())
        HubTable.metadata.create_all(self.engine)

    def admit(self, centre: Centre) -> None:
        row = CentreRow(
            code=centre.code,
            names={"en": centre.code},
            languages=["zh", "en", "ru"],
            edition_languages=["zh", "en", "ru"],
            countries=[],
            public_key=centre.public_key,
            admitted_at=AT,
            head=log.GENESIS,
        )
        with database.writing(self.engine) as session:
            session.add(row)

    def take(self, *envelopes: bytes, code: str = "sco") -> Outcome:
        arrivals = [Arrival(code, envelope) for envelope in envelopes]
        batch = replace(read_batch(self.engine, arrivals), limits=self.limits)
        return apply_batch(self.engine, batch)

    def take_released(self) -> Outcome:
        """What the ingest loop does now and then: take in what waits and need not any more."""
        with database.reading(self.engine) as session:
            released = find_released(session)
        return apply_batch(self.engine, Batch(dict.fromkeys(released, ()), {}, self.limits))

    def decide(self, step: Step, reason: str = "so decided", code: str = "sco") -> dict[str, Any]:
        """What the hub's admin decides, with `step` of `administration`."""
        with database.writing(self.engine) as session:
            return step(session, Decision(code, "ops", reason))

    def ask(self, question: Callable[[Session], Value]) -> Value:
        """What the database answers."""
        with database.reading(self.engine) as session:
            return question(session)

    def centre(self, code: str = "sco") -> CentreRow:
        with database.reading(self.engine) as session:
            centre = session.get_one(CentreRow, code)
            session.expunge(centre)
            return centre

    def count(self, table: type) -> int:
        with database.reading(self.engine) as session:
            return len(session.exec(select(table)).all())

    def states(self) -> list[tuple[str, int, str, int]]:
        with database.reading(self.engine) as session:
            rows = session.exec(select(Record).order_by(Record.change)).all()  # type: ignore[arg-type]
            return [(row.id, row.revision, row.state, row.change) for row in rows]


def _address() -> str:
    return database.address(
        postgres.new_database() if postgres.is_wanted() else "sqlite://", Path()
    )


def answers(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [
        (each.number, log_pb2.Verdict.Name(each.verdict).removeprefix("VERDICT_"), each.reason)
        for receipts in outcome.receipts
        for each in receipts.receipts
    ]


def verdicts_of(outcome: Outcome) -> dict[int, str]:
    """What the hub answered, by the entries' numbers."""
    return {number: verdict for number, verdict, _ in answers(outcome)}


def entry_hashes(session: Session) -> list[bytes]:
    """The hashes of all entries that the hub's logs hold, in order."""
    return list(session.exec(select(Entry.hash).order_by(col(Entry.centre), col(Entry.number))))
