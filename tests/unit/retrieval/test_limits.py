"""What an answer, and a server's refusal, makes of what is too large or no text."""

import pytest

from bri_retrieval import wire
from bri_retrieval.engine import EngineUnavailable, Hit, Query, Results, Suggestion
from bri_retrieval.meili.server import DocumentsRefused, TaskFailed, _refusal, _task_failure

_LONG = "x" * 3_000_000


def _hit(**values: object) -> Hit:
    plain = dict.fromkeys(("id", "centre", "kind", "language", "title", "snippet", "date"), "")
    lists: dict[str, list[str]] = {"countries": [], "topics": [], "editions": []}
    return Hit(**{**plain, **lists, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "odd",
    [
        {"title": _LONG},
        {"snippet": _LONG},
        {"topics": [_LONG] * 1_000},
        {"title": "a \ud800 b", "countries": ["\udfff"]},
    ],
)
def test_one_hit_never_spoils_an_answer(odd: dict[str, object]) -> None:
    """It is cut, and the answer is sent; gRPC takes 4 MB by default."""
    results = Results(2, [_hit(**odd), _hit(title="Good")], {"topic": {_LONG: 1, "waste": 1}})
    sent = wire.write_results(results)
    assert sent.ByteSize() < 4 * 1024 * 1024
    assert wire.read_results(sent).hits[1].title == "Good"
    assert wire.read_results(sent).facets["topic"] == {"waste": 1}


def test_questions_and_suggestions_are_text() -> None:
    """A lone surrogate is no reason not to ask, or to answer."""
    assert wire.write_query(Query("a\ud800b", countries=["\udc00"])).text == "a\ufffdb"
    sent = wire.write_suggestions([Suggestion("a\ud800", "title", "sco:1")])
    assert sent.suggestions[0].text == "a\ufffd"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("payload_too_large", DocumentsRefused),
        ("invalid_document_id", DocumentsRefused),
        ("missing_document_id", DocumentsRefused),
        ("internal", DocumentsRefused),
        ("no_space_left_on_device", TaskFailed),
        ("database_size_limit_reached", TaskFailed),
        ("io_error", TaskFailed),
    ],
)
def test_a_server_that_refuses_documents_is_told_from_one_in_trouble(
    code: str, kind: type[EngineUnavailable]
) -> None:
    """Nobody is set aside because a server's disk is full."""
    task = {"uid": 1, "type": "documentAdditionOrUpdate", "error": {"code": code, "message": ""}}
    assert type(_task_failure(task)) is kind
    if kind is DocumentsRefused:
        assert type(_refusal(code, "")) is kind
