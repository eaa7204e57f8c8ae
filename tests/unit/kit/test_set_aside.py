"""One record never stops the many: what cannot be written is set aside, and the others follow."""

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bri_kit.errors import Unavailable
from bri_kit.metrics import REGISTRY
from bri_kit.set_aside import Revision, count_set_aside, write_each


def _count(output: str) -> float:
    return REGISTRY.get_sample_value("records_set_aside_total", {"output": output}) or 0.0


def _write(number: int) -> str:
    return str(100 // number)


def _fail(revision: Revision) -> str:
    raise ValueError(revision)


def _itself(revision: Revision) -> Revision:
    return revision


def _named(number: int) -> Revision:
    return Revision(f"sco:{number}", 1)


def test_the_others_are_written_and_one_is_logged_and_counted_once() -> None:
    """However often the list is asked for."""
    before = count_set_aside()
    with capture_logs() as logged:
        for _ in range(3):
            assert list(write_each("test-list", [1, 0, 4], _write, _named)) == ["100", "25"]
    assert [(each["event"], each["record"], each["output"]) for each in logged] == [
        ("record.set_aside", "sco:0", "test-list")
    ]
    assert _count("test-list") == 1
    assert count_set_aside() == before + 1


def test_another_revision_is_another_fact() -> None:
    """It is logged and counted anew; another output of the same revision is one record more in the
    measurements and none in the status."""
    with capture_logs() as logged:
        for output, version in (("test-a", 1), ("test-a", 2), ("test-b", 2)):
            before = count_set_aside()
            revision = Revision("sco:again", version)
            list(write_each(output, [revision], _fail, _itself))
            assert count_set_aside() - before == (output == "test-a")
    assert len(logged) == 3
    assert (_count("test-a"), _count("test-b")) == (2, 1)


def test_a_stub_keeps_the_place() -> None:
    """Where leaving out would break a count."""
    with capture_logs():
        written = write_each("test-stub", [0, 1], _write, _named, lambda number: f"stub {number}")
    assert list(written) == ["stub 0", "100"]


@pytest.mark.parametrize(
    "error",
    [Unavailable("away"), OSError("disk"), MemoryError(), OperationalError("", {}, Exception())],
)
def test_what_is_wrong_with_the_service_is_no_fault_of_a_record(error: Exception) -> None:
    """A database that is away never makes a list that is empty, nor a dump."""

    def fail(_: int) -> str:
        raise error

    with pytest.raises(type(error)):
        list(write_each("test-service", [1], fail, _named))
    assert _count("test-service") == 0


def test_a_library_that_panics_concerns_its_record() -> None:
    """Rust's panics are no Exception to Python."""

    class PanicException(BaseException):
        pass

    def panic(number: int) -> str:
        if not number:
            raise PanicException("index out of bounds")
        return "fine"

    with capture_logs():
        assert list(write_each("test-panic", [0, 1], panic, _named)) == ["fine"]
