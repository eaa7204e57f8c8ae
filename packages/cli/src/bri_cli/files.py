"""Text files that a person names on the command line; '-' is standard input or output."""

import sys
from pathlib import Path

from bri_cli.outcome import CommandFailed, NotBegun
from bri_kit.file_modes import shared_mode

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
    """Write or print the text, which is no secret: a new file has the mode that the person's own
    umask gives. Raises CommandFailed where it cannot be written."""
    if file == STANDARD:
        print(text, end="")
        return
    try:
        is_new = not file.exists()
        file.write_text(text, encoding="utf-8")
        if is_new:
            file.chmod(shared_mode())
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror}") from None
