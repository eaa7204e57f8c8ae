"""The commands, against a hub and a node that are functions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bri_cli import application
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN
from bri_client import importing

Answer = Callable[[httpx.Request], httpx.Response]
Serve = Callable[[Answer], list[httpx.Request]]

HIT = {
    "id": "sco:01JD4XG2Q70000000000000000", "centre": "sco", "kind": "news", "language": "en",
    "title": "[bold]Waste", "snippet": "of <mark>waste</mark> &lt;b&gt; &amp; [red]",
    "date": "2019-01-08", "countries": ["KZ"], "topics": [], "editions": ["en", "zh"], "story": [],
}  # fmt: skip
FOUND = {"total": 1, "took_ms": 3, "hits": [HIT], "facets": {"kind": {"case": 1, "news": 30}}}
EMPTY: dict[str, Any] = {"total": 0, "took_ms": 3, "hits": [], "facets": {}}


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    def serve(answer: Answer) -> list[httpx.Request]:
        asked: list[httpx.Request] = []

        def handle(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            return answer(request)

        def client(**options: Any) -> httpx.Client:
            return real(**options | {"transport": httpx.MockTransport(handle)})

        real = httpx.Client
        monkeypatch.setattr(httpx, "Client", client)
        return asked

    return serve


def answers(document: Any, status: int = 200) -> Answer:
    return lambda _request: httpx.Response(status, json=document)


def test_a_search_shows_what_matched(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """Snippets are unescaped, and nothing in them is taken for our own markup."""
    serve(answers(FOUND))
    assert application.call(["search", "waste"]) == DONE
    out = capsys.readouterr().out
    assert "[bold]Waste" in out
    assert "of waste <b> & [red]" in out
    assert "kind: news 30 · case 1" in out


def test_a_search_asks_what_was_said(serve: Serve) -> None:
    """Filters repeat; what was not said is not asked."""
    asked = serve(answers(FOUND))
    application.call(
        "search 水 --lang ru --country KZ --country CN --from 2019-01-01 --limit 5".split()
    )
    assert sorted(asked[0].url.params.multi_items()) == sorted(
        [
            ("q", "水"), ("lang", "ru"), ("country", "KZ"), ("country", "CN"),
            ("from", "2019-01-01"), ("limit", "5"), ("offset", "0"),
        ]
    )  # fmt: skip


def test_a_search_for_programs_is_the_hubs_answer(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unchanged."""
    serve(answers(FOUND))
    assert application.call(["search", "waste", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out) == FOUND


def test_no_hits_are_an_answer(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0, and what may help."""
    serve(answers(EMPTY))
    assert application.call(["search", "xyzzy"]) == DONE
    assert "Nothing was found for 'xyzzy'" in capsys.readouterr().out


@pytest.mark.parametrize(("status", "expected"), [(422, NOT_BEGUN), (503, NEGATIVE)])
def test_a_refused_search_tells_the_field(
    serve: Serve, capsys: pytest.CaptureFixture[str], status: int, expected: int
) -> None:
    """One line; wrong usage is status 2, a hub in trouble 1."""
    errors = [{"field": "from", "message": "is not a date"}]
    serve(answers({"title": "Invalid input", "detail": "No.", "errors": errors}, status))
    assert application.call(["search", "x", "--from", "soon"]) == expected
    assert capsys.readouterr().err.splitlines() == [
        "bri: http://127.0.0.1:8000/api/v1/search: No.; from is not a date"
    ]


def test_a_hub_that_is_away_is_told(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """One line with its address, status 1."""

    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    serve(away)
    assert application.call(["search", "x", "--hub", "http://hub.example"]) == NEGATIVE
    assert capsys.readouterr().err == (
        "bri: http://hub.example cannot be reached: Connection refused\n"
    )


def imports(request: httpx.Request) -> httpx.Response:
    """A node that takes even numbers."""
    lines = []
    for number, line in enumerate(request.content.splitlines(), 1):
        if json.loads(line)["n"] % 2:
            error = {"detail": "No.", "errors": [{"field": "n", "message": "is odd"}]}
            lines.append({"line": number, "error": error})
        else:
            lines.append({"line": number, "id": f"sco:{number}"})
    text = "\n".join(json.dumps(line) for line in [*lines, {"summary": {}}])
    return httpx.Response(200, text=text)


def write_records(path: Path, count: int) -> str:
    path.write_text("".join(f'{{"n": {n}}}\n' for n in range(count)))
    return str(path)


def test_rejected_lines_are_told_with_their_place(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, line and reason on standard error; status 1."""
    asked = serve(imports)
    file = write_records(tmp_path / "a.ndjson", 3)
    assert application.call(["import", file, "--to", "http://n", "--token", "t"]) == NEGATIVE
    told = capsys.readouterr()
    assert told.err == f"{file}:2: n is odd\n"
    assert told.out == "2 imported, 1 rejected\n"
    assert asked[0].url.params["publish"] == "true"
    assert asked[0].headers["authorization"] == "Bearer t"


def test_long_imports_go_in_batches(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Places still count from the beginning of the file."""
    monkeypatch.setattr(importing, "BATCH_LINES", 4)
    asked = serve(imports)
    file = write_records(tmp_path / "a.ndjson", 10)
    application.call(["import", file, "--to", "http://n", "--token", "t", "--draft", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert [each["place"].rpartition(":")[2] for each in document["rejected"]] == [
        "2", "4", "6", "8", "10",
    ]  # fmt: skip
    assert document["imported"] == 5
    assert len(asked) == 3
    assert asked[0].url.params["publish"] == "false"


def test_a_refused_token_is_not_begun(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was imported: status 2."""
    serve(answers({"title": "A valid token is needed", "detail": "Unknown."}, 401))
    file = write_records(tmp_path / "a.ndjson", 3)
    assert application.call(["import", file, "--to", "http://n", "--token", "t"]) == NOT_BEGUN
    assert "Unknown." in capsys.readouterr().err


def test_an_import_that_breaks_off_says_how_far_it_came(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """What was imported stays imported: status 1."""
    monkeypatch.setattr(importing, "BATCH_LINES", 2)
    rounds = iter([imports])

    def breaking(request: httpx.Request) -> httpx.Response:
        answer = next(rounds, None)
        if answer is None:
            raise httpx.ReadError("Connection reset")
        return answer(request)

    serve(breaking)
    file = write_records(tmp_path / "a.ndjson", 6)
    assert application.call(["import", file, "--to", "http://n", "--token", "t"]) == NEGATIVE
    told = capsys.readouterr()
    assert told.out == "1 imported, 1 rejected\n"
    assert "Connection reset" in told.err


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("up --engine lucene", "lucene"),
        ("up --port-base 70000", "65528"),
        ("token create --centre sco --role boss --name x", "contributor, editor, admin"),
        ("token create --hub --role contributor --name x", "there is editor, admin"),
        ("token create --role editor --name x", "--centre CODE, or --hub"),
        ("token create --centre sco --role editor --name x --data /nowhere", "/nowhere"),
        ("verify sco", "not a record's identifier"),
        ("import a.json --to http://n", "BRI_TOKEN"),
        ("import /nowhere --to http://n --token t", "/nowhere"),
        ("sing", "No such command"),
    ],
)
def test_wrong_usage_is_one_line(
    command: str, told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """On standard error, with status 2, and nothing on standard output."""
    words = command.split()
    if words[0] == "up":
        words += ["--data", str(tmp_path / "data")]
    assert application.call(words) == NOT_BEGUN
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert told in err


def test_an_unknown_centre_is_told_with_those_that_are_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path is no way round it."""
    for name in ("sco", "hub"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.db").touch()
    for centre in ("kz-igtic", "../sco", "hub/../sco"):
        words = ["token", "create", "--role", "editor", "--name", "x", "--data", str(tmp_path)]
        assert application.call([*words, "--centre", centre]) == NOT_BEGUN
        assert "centres here: sco" in capsys.readouterr().err


def test_help_names_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    """`bri` alone is a question for help."""
    assert application.call([]) == DONE
    assert "Exit status:" in capsys.readouterr().out
