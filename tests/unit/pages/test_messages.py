"""Every text of a page is in every language."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message

from bri_pages import messages
from tests.support.catalogues import catalogue, extracted

PLACEHOLDER = re.compile(r"%\(\w+\)s")
TEMPLATES = Path(messages.__file__).parent / "templates"


def forms(text: Any) -> list[str]:
    """A text, or all of its plural forms."""
    return [text] if isinstance(text, str) else list(text)


def texts(of: Catalog) -> dict[str, Message]:
    return {forms(each.id)[0]: each for each in of if each.id}


@pytest.mark.parametrize("language", ["zh", "ru"])
def test_catalogues_hold_exactly_what_is_said(language: str) -> None:
    """Nothing that templates or code say lacks a translation, and nothing else is kept."""
    known = texts(catalogue(language))
    assert set(known) == set(texts(extracted()))
    unfinished = [name for name, each in known.items() if not all(forms(each.string))]
    assert unfinished == []


@pytest.mark.parametrize("language", ["zh", "ru"])
def test_translations_keep_what_is_filled_in(language: str) -> None:
    """What a text leaves a place for has its place in the translation too."""
    for name, each in texts(catalogue(language)).items():
        wanted = set(PLACEHOLDER.findall(name))
        for form in forms(each.string):
            assert set(PLACEHOLDER.findall(form)) == wanted, name


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_templates_say_nothing_that_is_not_translated(template: Path) -> None:
    """Between tags stand only what is looked up and names that are the same everywhere."""
    source = template.read_text()
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", source, flags=re.S)
    source = re.sub(r"<script.*?</script>|<!doctype html>", "", source, flags=re.S)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", source))
    assert set(words) <= {"SHA", "Ed", "JSON", "records"}


def test_the_pseudo_language_marks_every_text() -> None:
    """What is looked up is bracketed and stretched, and what is filled in is left alone."""
    pseudo = messages.messages(messages.PSEUDO)
    assert pseudo.gettext("Page %(page)s of %(last)s") == "[Páàgéè %(page)s óòf %(last)s]"


def test_a_language_without_a_catalogue_reads_english() -> None:
    """A centre's language that nobody has translated for shows English rather than nothing."""
    assert messages.messages("kk").gettext("Search") == "Search"
