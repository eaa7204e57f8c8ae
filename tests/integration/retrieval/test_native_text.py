"""What the libraries in C, C++ and Rust do with any text: jieba, ICU, Snowball, tantivy.

They are fed in a process of their own, so that one that dies of it is a failure like any other.
"""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SECONDS = 300
"""Work that is linear takes a few on a quiet machine; what is quadratic takes an hour."""

UNICODE = """
import unicodedata
every = [chr(code) for code in range(0x110000)]
chunks = ["".join(every[start : start + 2_000]) for start in range(0, len(every), 2_000)]
expanding = [each for each in every if len(unicodedata.normalize("NFKC", each)) > 1]
"""


def survives(program: str, *arguments: str) -> None:
    command = [sys.executable, "-c", UNICODE + textwrap.dedent(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, (done.returncode, done.stderr[-500:])


@pytest.mark.long
def test_analysis_reads_all_of_unicode() -> None:
    """Every character once, lone surrogates and all, and a thousand of each that expands."""
    survives(
        """
        from bri_retrieval import analysis, folding, question
        for text in chunks:
            for language in ("zh", "en", "kk"):
                words = analysis.words(analysis.prepare(folding.fold(text), language))
                [analysis.stem(word, analysis.family(language)) for word in words]
            question.read(text)
        for each in expanding:
            analysis.tokens(each * 1_000, "zh")
            analysis.tokens(each * 1_000, "xx")
        """
    )


@pytest.mark.long
def test_the_index_takes_all_of_unicode(tmp_path: Path) -> None:
    """As a record's text, in each family of languages, and as a question; surrogates are no text
    that a record could have."""
    survives(
        """
        import sys
        from pathlib import Path
        from bri.content.v1 import content_pb2
        from bri_retrieval.embedded import EmbeddedEngine
        from bri_retrieval.engine import Change, Query
        engine = EmbeddedEngine(Path(sys.argv[1]))
        texts = ["".join(c for c in each if not "\\ud800" <= c <= "\\udfff") for each in chunks]
        texts += [" ".join(each * 1_000 for each in expanding[at::60]) for at in range(60)]
        languages = ("zh", "en", "ru", "kk")
        for number, text in enumerate(texts, 1):
            language = languages[number % 4]
            edition = content_pb2.Edition(language=language, title=text[:300], body=text)
            name = f"sco:{number:026d}"
            record = content_pb2.Record(id=name, original_language=language, editions=[edition])
            engine.apply([Change(number, name, record)])
        engine.commit()
        assert engine.count() == len(texts)
        for text in texts[::10]:
            engine.search(Query(text[:1_000]))
            engine.suggest(text[:100], "en", 5)
        engine.close()
        """,
        str(tmp_path),
    )


def test_marks_without_end_are_put_in_order_in_linear_time() -> None:
    """A million marks on one letter, in the order that makes sorting them slowest, also where each
    is two. Text with fewer than thirty in a run is not touched."""
    survives(
        """
        from bri_retrieval.folding import tidy
        for marks in ("\\u0300\\u0316", "\\u0f73", "\\u0f72\\u0f71"):
            some = tidy("a" + marks * 500_000)
            assert len(some) > 500_000
            some = tidy(some)  # where one mark became two, their runs are parted once more
            assert tidy(some) == some
        for text in ("e\\u0301\\u0323", "\\u0915\\u093c", "a" + "\\u0300" * 30, "ё й"):
            assert tidy(text) == unicodedata.normalize("NFC", text)
        """
    )
