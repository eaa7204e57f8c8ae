"""Guides as what a reader would type: their blocks in order, and one shell that runs a page.

Rules:
- a block fenced as `sh` or `python` is run; a block fenced as `console` right behind it is what it
  prints;
- in what it prints, identifiers, times, durations and keys stand for any others, `…` for anything
  within its line, and a line of `…` alone for any lines;
- a block that cannot be run beside other tests is marked `<!-- not run: REASON -->` on the line
  before it;
- all blocks of a page are one shell's, which ends with the first command that fails.
"""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANGUAGES = ("zh", "ru")
GUIDES = {
    "README": 1,
    "docs/guides/editor": 0,
    "docs/guides/operator": 3,
    "docs/guides/hub": 4,
    "docs/guides/developer": 0,
}
"""Every guide, and how many of its blocks are not run."""
TRANSLATED = ("README", "docs/guides/editor", "docs/guides/operator")
RUN = ("sh", "python")
SECONDS = 110

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXCUSE = re.compile(r"<!-- not run: (.+) -->$")
_MARK = "\x1e"
_ANY_LINES = "(?:.*\n)*?"
_VARIES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"\b[a-z][a-z0-9-]*:[0-9A-HJKMNP-TV-Z]{26}\b", "<identifier>"),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?", "<time>"),
        (r"\b\d+(\.\d+)? (ms|s|MiB|GiB|KB|MB)\b", "<amount>"),
        (r"\b[0-9a-f]{12,}\b", "<hash>"),
        (r"[A-Za-z0-9+/]{42,}=*", "<key>"),
    )
)


@dataclass(frozen=True, slots=True)
class Block:
    """Something to type, on the `line` of its page; `printed` is what the page shows of its output,
    None where it shows nothing; `excuse` is why it is not run, empty where it is."""

    line: int
    language: str
    code: str
    printed: str | None
    excuse: str


def page(name: str, language: str = "en") -> Path:
    """Where a guide is, such as `docs/guides/editor`, in a language."""
    return ROOT / (f"{name}.md" if language == "en" else f"{name}.{language}.md")


def blocks(path: Path) -> Sequence[Block]:
    """What a page has its reader type, in order."""
    text = path.read_text(encoding="utf-8")
    found: list[Block] = []
    behind = 0
    for fence in _FENCE.finditer(text):
        language, code = fence.groups()
        if language in RUN:
            before = text[: fence.start()].rstrip("\n").rpartition("\n")[2]
            excuse = _EXCUSE.fullmatch(before)
            line = text.count("\n", 0, fence.start()) + 1
            found.append(Block(line, language, code, None, excuse[1] if excuse else ""))
        elif language == "console":
            assert found, f"{path} shows an output before any command"
            assert not text[behind : fence.start()].strip(), f"{path}: what printed {code!r}?"
            last = found.pop()
            found.append(Block(last.line, last.language, last.code, code, last.excuse))
        behind = fence.end()
    return found


def script_of(page_blocks: Sequence[Block]) -> str:
    """The shell script that runs what is not excused, with a mark before each block's output."""
    # What a page leaves running ends with it.
    parts = ["set -eu", "exec 2>&1", "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT"]
    for number, block in enumerate(page_blocks):
        if block.excuse:
            continue
        parts.append(f"printf '{_MARK}%d{_MARK}' {number}")
        is_shell = block.language == "sh"
        parts.append(block.code if is_shell else f"python - <<'END'\n{block.code}END")
    return "\n".join([*parts, ""])


def play(
    page_blocks: Sequence[Block], folder: Path, environment: Mapping[str, str], ports: int
) -> Mapping[int, str]:
    """What each block printed, by its number; addresses on port 8000 and the next nine lead to
    `ports` and the next nine.

    Raises:
        AssertionError: a command failed; the message says which block's and what was printed.
    """
    status, printed = _run(_moved(script_of(page_blocks), 8000, ports), folder, environment)
    pieces = printed.split(_MARK)[1:]
    outputs = {
        int(number): _moved(text, ports, 8000)
        for number, text in zip(pieces[::2], pieces[1::2], strict=True)
    }
    if status:
        number = max(outputs)
        last = page_blocks[number]
        says = f"line {last.line} ends with status {status}"
        raise AssertionError(f"{says}:\n{last.code}\n{outputs[number]}")
    return outputs


def _run(script: str, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit status of a script, and what it printed; nothing that it started outlives it."""
    with subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as shell:
        try:
            printed, _ = shell.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            _end_all(shell)
            printed, _ = shell.communicate()
        finally:
            _end_all(shell)
    return shell.returncode, printed.decode()


def _end_all(shell: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)


def _moved(text: str, base: int, to: int) -> str:
    """Every port of ten from `base` in an address becomes the one that is as far from `to`."""
    ports = "|".join(str(base + offset) for offset in range(10))
    return re.sub(
        rf"(127\.0\.0\.1[: ]|--port[= ])({ports})\b",
        lambda found: found[1] + str(int(found[2]) - base + to),
        text,
    )


def is_as_shown(printed: str, shown: str) -> bool:
    """Whether an output is what the page shows, but for what varies."""
    wanted = ""
    for line in _steady(shown).splitlines(keepends=True):
        any_text = ".*".join(re.escape(part) for part in line.rstrip("\n").split("…"))
        wanted += _ANY_LINES if line.strip() == "…" else f"{any_text}\n"
    return re.fullmatch(wanted, _steady(printed)) is not None


def _steady(text: str) -> str:
    for pattern, name in _VARIES:
        text = pattern.sub(name, text)
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())


def orders(block: Block) -> Sequence[Sequence[str]]:
    """The `bri` commands of a shell block, each as its words; a word that the shell would make is
    one word."""
    if block.language != "sh":
        return []
    found = []
    for line in block.code.replace("\\\n", " ").splitlines():
        words = shlex.split(re.sub(r"\$\([^()]*\)", "made", line), comments=True)
        for start, word in enumerate(words):
            if word.rpartition("/")[2] == "bri":
                found.append(_until_the_end(words[start + 1 :]))
    return found


def _until_the_end(words: Sequence[str]) -> Sequence[str]:
    ends = ("|", ";", "&", "&&", "||", ">", ">>", "<", "2>")
    kept: list[str] = []
    for word in words:
        if word in ends:
            break
        kept.append(word.rstrip(";"))
    return kept
