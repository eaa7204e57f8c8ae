"""What an admitted centre can sign does no harm on any way to a reader: it is rejected by the hub's
reading, or comes through index, search, feeds and OAI-PMH."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bri_kit import log
from tests.support import hostile_records, hostile_text
from tests.support.centres import AT, a_record
from tests.support.hostile_centre import HostileCentre
from tests.support.hostile_records import Hostile, record_id
from tests.support.record_path import CODE, RecordPath, Stop

# The largest of each kind are played by `make chaos`: here they would take the time of all others.
LARGEST_BYTES = 300_000


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordPath]:
    made = RecordPath(tmp_path_factory.mktemp("index"))
    yield made
    made.close()


@pytest.mark.parametrize("kind", [*hostile_records.KINDS])
def test_no_entry_stops_anything(path: RecordPath, kind: str) -> None:
    """Of no kind of hostile content; all that do harm are told."""
    stops = []
    for each in hostile_records.KINDS[kind](CODE, random.Random(kind)):
        if each.entry.ByteSize() <= LARGEST_BYTES:
            try:
                path.walk(HostileCentre(CODE, random.Random(1)).sign(each))
            except Stop as stop:
                stops.append(f"{each.name}: {stop}")
    assert stops == []


def test_an_ordinary_record_goes_all_the_way(path: RecordPath) -> None:
    """So the path is not green because everything is rejected."""
    ordinary = Hostile("ordinary", log.published(a_record(record_id(CODE, random.Random(2)))))
    assert path.walk(HostileCentre(CODE, random.Random(1)).sign(ordinary))


@pytest.mark.parametrize("name", [*hostile_text.curious()])
def test_curious_texts_go_through_titles_and_bodies(path: RecordPath, name: str) -> None:
    """Without what XML lacks, so that they are not rejected for that."""
    text = "".join(filter(hostile_text.is_xml, hostile_text.curious()[name]))[:900]
    record = a_record(record_id(CODE, random.Random(name)), en=f"T {text}")
    record.editions[0].summary = text
    path.walk(HostileCentre(CODE, random.Random(1)).sign(Hostile(name, log.published(record))))


_TEXTS = st.text(max_size=60)
_DATES = st.one_of(st.just(""), st.dates().map(str), st.sampled_from(hostile_records.DATES[:-1]))


@settings(
    max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    texts=st.tuples(_TEXTS, _TEXTS, st.text(max_size=200)),
    dates=st.tuples(_DATES, _DATES),
    at=st.one_of(st.just(AT), st.datetimes().map(str), st.sampled_from(hostile_records.TIMES[:-1])),
    codes=st.tuples(st.lists(_TEXTS, max_size=3), st.integers(0, 9), st.integers(0, 2**32 - 1)),
)
def test_records_of_any_content_go_through(
    path: RecordPath,
    texts: tuple[str, str, str],
    dates: tuple[str, str],
    at: str,
    codes: tuple[list[str], int, int],
) -> None:
    """Of whatever protobuf can hold."""
    topics, kind, revision = codes
    record = a_record(record_id(CODE, random.Random(repr(texts))), revision)
    edition = record.editions[0]
    edition.title, edition.summary, edition.body = texts
    record.dates.event, record.dates.original = dates
    record.topics.extend(topics)
    if kind:
        record.kind = kind  # type: ignore[assignment]  # any number is one on the wire
    path.walk(HostileCentre(CODE, random.Random(1)).sign(Hostile("any", log.published(record), at)))
