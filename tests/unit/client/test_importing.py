"""Many records in one go."""

import json
from collections.abc import Iterator

import httpx
import pytest

from bri_client import AnswerNotUnderstood, node
from bri_client.importing import BATCH_BYTES, BATCH_LINES, batches
from tests.unit.client.asking import Service


def taking_even(request: httpx.Request) -> httpx.Response:
    """A node that takes even numbers."""
    lines = []
    for number, line in enumerate(request.content.splitlines(), 1):
        if json.loads(line)["n"] % 2:
            error = {"detail": "No.", "errors": [{"field": "n", "message": "is odd"}]}
            lines.append({"line": number, "error": error})
        else:
            lines.append({"line": number, "id": f"sco:{number}"})
    return httpx.Response(
        200, text="\n".join(json.dumps(each) for each in [*lines, {"summary": 1}])
    )


def test_every_line_is_answered_by_its_number() -> None:
    """Counted over all batches; a bad line is rejected by itself."""
    service = Service(taking_even)
    count = BATCH_LINES + 3
    calls = node.bring((b'{"n": %d}' % n for n in range(count)), publish=True)
    outcomes = [each for call in calls for each in service.ask("sync", call)]
    assert [each.line for each in outcomes] == list(range(1, count + 1))
    assert [each.reason for each in outcomes[:2]] == ["", "n is odd"]
    assert len(service.asked) == 2
    assert service.asked[0].headers["content-type"] == "application/x-ndjson"
    assert service.asked[0].url.params["publish"] == "true"


def test_records_are_read_as_they_are_sent() -> None:
    """An import of a file of any size takes the memory of a batch."""
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"{}"

    next(node.bring(endless()))
    assert read == BATCH_LINES + 1


def test_a_batch_has_a_largest_size() -> None:
    """One line that is larger goes by itself."""
    large = b"x" * (BATCH_BYTES + 1)
    assert [len(each) for each in batches([b"a", large, b"b", b"c"])] == [1, 1, 2]


@pytest.mark.parametrize("text", ["", "<html>", '{"line": 1, "id": "sco:1"}', "[1]\n[2]\n"])
def test_an_import_that_is_not_answered_whole_is_told(text: str) -> None:
    """Too few answers leave in doubt which line is meant."""
    service = Service(lambda _request: httpx.Response(200, text=text))
    with pytest.raises(AnswerNotUnderstood, match="of 2 lines from line 1"):
        service.ask("sync", node.import_batch([b"{}", b"{}"]))
