"""Where in the broker's stream the database has come, kept in the transaction that got there."""

from typing import NamedTuple

from sqlmodel import Session

from bri_hub.tables import StreamPosition
from bri_kit import transport


class Position(NamedTuple):
    """A message's place: which stream of the name, and its sequence number in it."""

    stream: str
    sequence: int


def kept(session: Session) -> Position:
    """Up to where the stream was stored; nowhere in a stream without a name, at first."""
    row = session.get(StreamPosition, transport.STREAM)
    return Position(row.stream, row.sequence) if row else Position("", 0)


def keep(session: Session, position: Position) -> None:
    """Keep the place of the last message of this transaction."""
    session.merge(StreamPosition(name=transport.STREAM, **position._asdict()))
