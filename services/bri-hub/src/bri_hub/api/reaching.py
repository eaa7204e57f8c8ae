"""How handlers reach the parts of the hub."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from bri_hub.parts import Parts
from bri_kit import database


async def _parts(request: Request) -> Parts:
    # Not a plain function: FastAPI would have a thread look it up for each request.
    parts: Parts = request.app.state.parts
    return parts


PartsNeeded = Annotated[Parts, Depends(_parts)]


def _session(parts: PartsNeeded) -> Iterator[Session]:
    with database.reading(parts.engine) as session:
        yield session


SessionNeeded = Annotated[Session, Depends(_session, scope="function")]
