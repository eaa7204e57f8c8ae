"""What pages say, in every language: gettext catalogues, compiled when a site first needs them.

Rules:
- the templates' own English is the key; `locale/<language>.po` holds what it becomes;
- a language without a catalogue, and a text that a catalogue lacks, reads English;
- PSEUDO is a language in which every translated text is bracketed and stretched, so that a text
  that nobody can translate, or that has no room to grow, is seen at once.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PSEUDO = "qps"
CATALOGUES = Path(__file__).parent / "locale"

_STRETCHED = str.maketrans(
    {"a": "áà", "e": "éè", "i": "í", "o": "óò", "u": "ú", "A": "Á", "E": "É", "O": "Ó"}
)


class PseudoTranslations(NullTranslations):
    """English, bracketed and stretched; what stands in `%(...)s` is left alone."""

    def gettext(self, message: str) -> str:
        """`message`, to be told apart from what is not translated."""
        parts = message.split("%(")
        stretched = [parts[0].translate(_STRETCHED)]
        for part in parts[1:]:
            name, closing, rest = part.partition(")")
            stretched.append(f"{name}{closing}{rest[:1]}{rest[1:].translate(_STRETCHED)}")
        return f"[{'%('.join(stretched)}]"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The English form for the number `n`, to be told apart."""
        return self.gettext(msgid1 if n == 1 else msgid2)


def spoken(language: str) -> str:
    """The language that pages for readers of `language` really speak, BCP 47."""
    known = language == PSEUDO or _catalogue(language).is_file()
    return language if known else "en"


@cache
def messages(language: str) -> NullTranslations:
    """The messages of `language`, a BCP 47 tag."""
    if language == PSEUDO:
        return PseudoTranslations()
    source = _catalogue(language)
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _catalogue(language: str) -> Path:
    return CATALOGUES / f"{language.partition('-')[0]}.po"
