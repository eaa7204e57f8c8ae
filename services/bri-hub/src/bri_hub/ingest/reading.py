"""Reading what arrived: all of the work that needs no head, so that it can be done ahead of time.

While one batch is written the next is read, in another thread. What is read depends on the centre's
code and languages; `Introduced` says which, and whoever uses the reading makes sure that they still
hold. Keys are not looked at here: the entries themselves may bring new ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bri_hub.tables import Centre
from bri_kit import clock, entry_rules
from bri_kit.trust import Candidate, Judgement, read_envelope


@dataclass(frozen=True, slots=True)
class Introduced:
    """What has to be known of a centre to read its entries."""

    code: str
    languages: tuple[str, ...]

    @classmethod
    def of(cls, centre: Centre) -> "Introduced":
        """As the hub knows the centre now."""
        return cls(centre.code, tuple(centre.edition_languages))


class Reading(NamedTuple):
    """An envelope, what it is as far as it can be told by itself, what is wrong with the record
    that it publishes, if it does, and the serialised entry that is shown in its place where it is
    accepted and may not be shown as it stands."""

    envelope: bytes
    read: Candidate | Judgement
    problems: Sequence[str] = ()
    shown: bytes | None = None


def read_envelopes(centre: Introduced, envelopes: Sequence[bytes]) -> list[Reading]:
    """Read `envelopes` as ones of `centre` that have just arrived."""
    arrived = clock.now()
    return [_read(centre, envelope, arrived) for envelope in envelopes]


def _read(centre: Introduced, envelope: bytes, arrived: datetime) -> Reading:
    read = read_envelope(envelope, centre.code)
    if isinstance(read, Judgement):
        return Reading(envelope, read)
    faults = entry_rules.check(read.entry, centre.languages, arrived)
    if faults:
        return Reading(envelope, read, [f"{each.field}: {each.message}" for each in faults])
    shown = entry_rules.shown(read.entry, arrived, is_checked=True)
    return Reading(envelope, read, (), shown.SerializeToString() if shown else None)
