"""The keys of centres as the database keeps them. A centre of which none were kept yet has had the
key that it was admitted with from the beginning."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from bri_hub.tables import Centre, CentreKey
from bri_kit.keyring import Keyring, Tenure

ADMITTED, ROTATED, ENTERED = "admitted", "rotated", "entered"


def rows(session: Session, centre: Centre) -> list[CentreKey]:
    """All keys of a centre, the oldest first."""
    kept = session.exec(select(CentreKey).where(CentreKey.centre == centre.code)).all()
    return sorted(kept, key=_age) or [_first(centre)]


def ring(session: Session, centre: Centre) -> Keyring:
    """The ring of a centre."""
    return _ring(rows(session, centre))


def rings(session: Session, centres: Collection[Centre]) -> dict[str, Keyring]:
    """The rings of many centres, by code."""
    kept: dict[str, list[CentreKey]] = {centre.code: [] for centre in centres}
    for row in session.exec(select(CentreKey).where(col(CentreKey.centre).in_(kept))):
        kept[row.centre].append(row)
    return {
        centre.code: _ring(sorted(kept[centre.code], key=_age) or [_first(centre)])
        for centre in centres
    }


def keep(session: Session, centre: Centre, ring: Keyring, origin: str, at: str) -> None:
    """Keep what a ring has become. `origin` is that of keys which are new in it; the centre's
    public key is the one in use, or the last that was."""
    known = {row.key: row for row in rows(session, centre)}
    for tenure in ring.tenures:
        row = known.get(tenure.key) or CentreKey(
            centre=centre.code, key=tenure.key, first=tenure.first, origin=origin, since=at
        )
        row.last, row.revoked = tenure.last, tenure.revoked
        session.add(row)
    centre.public_key = ring.tenures[-1].key


def _ring(kept: Collection[CentreKey]) -> Keyring:
    return Keyring(tuple(Tenure(row.key, row.first, row.last, row.revoked) for row in kept))


def _first(centre: Centre) -> CentreKey:
    return CentreKey(
        centre=centre.code,
        key=centre.public_key,
        first=1,
        origin=ADMITTED,
        since=centre.admitted_at,
    )


def _age(row: CentreKey) -> tuple[int, bool]:
    # A key that was revoked before it signed anything has the first number of the next one.
    return row.first, row.last is None
