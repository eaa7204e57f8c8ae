"""A centre as the hub sees it: a key and a log, honest here and bent by the tests that need it."""

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from nacl.signing import SigningKey
from ulid import ULID

from bri_kit import log, signing

AT = "2026-11-22T08:00:00.000Z"


class Centre:
    """Writes a log. `entries` keeps every envelope, serialised, in order; `at` is the time that
    entries say they were written at."""

    def __init__(self, code: str = "sco", key: SigningKey | None = None) -> None:
        self.code = code
        self.key = key or SigningKey.generate()
        self.entries: list[bytes] = []
        self.head = log.GENESIS
        self.at = AT

    @property
    def public_key(self) -> bytes:
        return signing.public_key(self.key)

    def record_id(self) -> str:
        return f"{self.code}:{ULID()}"

    def write(self, entry: log_pb2.Entry) -> bytes:
        """Append `entry` to the log; returns its envelope, serialised."""
        number = len(self.entries) + 1
        sealed = log.seal(
            entry, centre=self.code, number=number, previous=self.head, at=self.at, key=self.key
        )
        self.head = log.entry_hash(sealed.entry)
        self.entries.append(sealed.SerializeToString())
        return self.entries[-1]

    def rotate(self, key: SigningKey | None = None) -> bytes:
        """Append the rotation to `key`, or to a new one, which signs from then on."""
        new = key or SigningKey.generate()
        number = len(self.entries) + 1
        sealed = log.seal_rotation(
            new, centre=self.code, number=number, previous=self.head, at=self.at, key=self.key
        )
        self.head, self.key = log.entry_hash(sealed.entry), new
        self.entries.append(sealed.SerializeToString())
        return self.entries[-1]

    def publish(self, record: content_pb2.Record | None = None) -> bytes:
        """Append the publication of `record`, or of a new one."""
        return self.write(log.published(record or a_record(self.record_id())))

    def retract(
        self, record_id: str, revision: int = 1, reason: str = "published in error"
    ) -> bytes:
        return self.write(log.retracted(record_id, revision, reason))


def a_record(record_id: str, revision: int = 1, **editions: str) -> content_pb2.Record:
    """A valid news record; `editions` maps languages to titles, the first one the original."""
    editions = editions or {"en": "Solid waste in Almaty"}
    original = next(iter(editions))
    record = content_pb2.Record(
        id=record_id,
        revision=revision,
        kind=content_pb2.KIND_NEWS,
        original_language=original,
        countries=["KZ"],
        topics=["solid-waste"],
        dates=content_pb2.Dates(original="2019-01-08", published=AT),
    )
    for language, title in sorted(editions.items()):
        record.editions.add(
            language=language,
            title=title,
            body=f"<p>{title}</p>",
            origin=content_pb2.ORIGIN_ORIGINAL
            if language == original
            else content_pb2.ORIGIN_HUMAN,
        )
    return record
