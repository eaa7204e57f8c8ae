"""Text files that a person names on the command line; '-' is standard input or output."""

import sys
from pathlib import Path

from bri_cli.outcome import CommandFailed, NotBegun

STANDARD = Path("-")


def read(file: Path) -> str:
    """The file's text. Raises NotBegun where it cannot be read."""
    try:
        return sys.stdin.read() if file == STANDARD else file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotBegun(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NotBegun(f"{file} is no text in UTF-8") from None


def write(file: Path, text: str) -> None:
    """Write or print the text. Raises CommandFailed where it cannot be written."""
    if file == STANDARD:
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror}") from None
