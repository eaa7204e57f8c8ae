"""A hub of database and pipeline alone."""

from bri.log.v1 import log_pb2
from sqlalchemy import Engine
from sqlmodel import select

from bri_hub.ingest.pipeline import Arrival, Outcome, apply_batch, read_batch
from bri_hub.tables import Centre as CentreRow
from bri_hub.tables import HubTable, Record
from bri_kit import database, log
from tests.support.centres import AT, Centre


class Hub:
    """The pipeline on a database of its own, in memory."""

    def __init__(self) -> None:
        self.engine: Engine = database.connect("sqlite://")
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
        return apply_batch(self.engine, read_batch(self.engine, arrivals))

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


def answers(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [
        (each.number, log_pb2.Verdict.Name(each.verdict).removeprefix("VERDICT_"), each.reason)
        for receipts in outcome.receipts
        for each in receipts.receipts
    ]
