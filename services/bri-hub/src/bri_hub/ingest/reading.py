"""Reading what arrived: all of the work that needs no head, so that it can be done ahead of time.

While one batch is written the next is read, in another thread. What is read depends on the centre's
code and languages; `Introduced` says which, and whoever uses the reading makes sure that they still
hold. Keys are not looked at here: the entries themselves may bring new ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bri.content.v1 import content_pb2

from bri_hub.tables import Centre
from bri_kit import content
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
    """An envelope, what it is as far as it can be told by itself, and what is wrong with the record
    that it publishes, if it does."""

    envelope: bytes
    read: Candidate | Judgement
    problems: Sequence[str] = ()


def read_envelopes(centre: Introduced, envelopes: Sequence[bytes]) -> list[Reading]:
    """Read `envelopes` as ones of `centre`."""
    return [_read(centre, envelope) for envelope in envelopes]


def _read(centre: Introduced, envelope: bytes) -> Reading:
    read = read_envelope(envelope, centre.code)
    if isinstance(read, Judgement) or not read.entry.HasField("published"):
        return Reading(envelope, read)
    return Reading(envelope, read, _problems(read.entry.published, centre.languages))


def _problems(record: content_pb2.Record, languages: Sequence[str]) -> Sequence[str]:
    found = [f"{each.field}: {each.message}" for each in content.check(record, languages)]
    if not content.is_record_id(record.id):
        found.append("id: must be the centre's code, a colon and a ULID")
    return found
