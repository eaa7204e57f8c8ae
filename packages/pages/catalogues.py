"""Bring the catalogues up to date with templates and code: `python packages/pages/catalogues.py`.

What was translated stays; what is new is empty until somebody fills it in, and a test says so; what
nobody says any more goes.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parent / "src" / "bri_pages"
LOCALES = SOURCE / "locale"
LANGUAGES = ("zh", "ru")
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
_KEYWORDS = {
    "_": None, "gettext": None, "say": None, "N_": None, "ngettext": (1, 2), "count": (1, 2),
}  # fmt: skip
_TEMPLATE = {"newstyle_gettext": "true", "trimmed": "true"}
_OPTIONS = {"templates/**.html": _TEMPLATE, "templates/**.txt": _TEMPLATE}


def extracted() -> Catalog:
    """Everything that templates and code say."""
    found = Catalog(charset="utf-8")
    texts = extract_from_dir(SOURCE, _METHODS, _OPTIONS, keywords=_KEYWORDS)  # type: ignore[arg-type] - Babel takes any path
    for name, _, message, _, _ in sorted(texts, key=lambda each: (each[0], each[1])):
        found.add(message, locations=[(name, 0)])
    return found


def catalogue(language: str) -> Catalog:
    """What is translated into `language`; empty where there is nothing yet."""
    path = LOCALES / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> Catalog:
    """The catalogue of `language` with exactly the texts that are said now."""
    known = catalogue(language)
    known.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    known.obsolete.clear()
    known.header_comment = f"# What pages say in {language!r}; written by catalogues.py."
    return known


def write(language: str, texts: Catalog) -> None:
    """Keep the catalogue of `language`."""
    with (LOCALES / f"{language}.po").open("wb") as file:
        write_po(file, texts, width=100, sort_output=True, no_location=True)


def main() -> int:
    """Write the catalogues."""
    for language in LANGUAGES:
        write(language, update(language))
    return 0


if __name__ == "__main__":
    sys.exit(main())
