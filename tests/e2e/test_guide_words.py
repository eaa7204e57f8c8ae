"""Names in the guides are names of something: commands, settings, measures, files, texts of the
desk; and translations say the same."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from bri_cli.application import app
from bri_hub.settings import HubSettings
from bri_node.profile import NodeSettings
from bri_search.settings import SearchSettings
from tests.e2e.guides import GUIDES, LANGUAGES, ROOT, TRANSLATED, blocks, orders, page
from tests.support.catalogues import catalogue, extracted

PAGES = [page(name) for name in GUIDES] + [
    page(name, language) for name in TRANSLATED for language in LANGUAGES
]
FOLDERS = ("deploy/", "docs/", "packages/", "proto/", "services/", "tests/")
COMMAND_LINE = {"BRI_DATA", "BRI_PORT_BASE", "BRI_HUB", "BRI_TOKEN", "BRI_SECRETS"}
SETTINGS = (("BRI_NODE_", NodeSettings), ("BRI_HUB_", HubSettings), ("BRI_SEARCH_", SearchSettings))

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)


def text_of(path: Path) -> str:
    """A page without its blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", path.read_text(encoding="utf-8"))


def spans(path: Path) -> list[str]:
    """What a page sets in the type of programs, outside its blocks."""
    return re.findall(r"`([^`\n]+)`", text_of(path))


@every_page
def test_commands_are_there(path: Path) -> None:
    """Every `bri` command in a sentence, or in a block that is not run, with its options; every
    target of make."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    missing = [each for each in spans(path) if each.startswith("make ")]
    assert [each for each in missing if each.split()[1] not in targets] == []
    for each in spans(path):
        if each.startswith("bri "):
            assert_is_command(each.split()[1:])
    for block in blocks(path):
        if block.excuse:
            for words in orders(block):
                assert_is_command([each for each in words if not each.startswith("$")])


def assert_is_command(words: Sequence[str]) -> None:
    """Words that begin with a command of `bri`, and name options that it has."""
    command, left = get_command(app), list(words)
    while hasattr(command, "commands") and left and not left[0].startswith("-"):
        assert left[0] in command.commands, f"bri {' '.join(words)}: there is no {left[0]!r}"
        command = command.commands[left.pop(0)]
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    unknown = {word for word in left if word.startswith("--")} - known - {"--help"}
    assert unknown == set(), f"bri {' '.join(words)}"


@every_page
def test_settings_are_there(path: Path) -> None:
    """Every variable is one that something reads."""
    named = set(re.findall(r"\bBRI_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    assert named - known_settings() == set()


def known_settings() -> set[str]:
    fields = {
        prefix + name.upper() for prefix, settings in SETTINGS for name in settings.model_fields
    }
    return fields | COMMAND_LINE


@every_page
def test_measures_are_there(path: Path) -> None:
    """Every measure is one of a service."""
    named = {each for each in spans(path) if re.fullmatch(r"(hub|node|search|http)_[a-z_]+", each)}
    assert [each for each in named if f'"{each}"' not in measures()] == []


@cache
def measures() -> str:
    found = (*ROOT.glob("*/*/src/*/measures.py"), *ROOT.glob("packages/kit/src/*/*.py"))
    return "".join(each.read_text(encoding="utf-8") for each in found)


@every_page
def test_files_are_there(path: Path) -> None:
    """Every file of the repository that is named, every link, and every picture."""
    named = [ROOT / each for each in spans(path) if each.startswith(FOLDERS) and "*" not in each]
    missing = [each for each in (*named, *links(path)) if not each.exists()]
    assert missing == []


def links(path: Path) -> Iterator[Path]:
    """The files that a page leads to."""
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text_of(path)):
        if not re.match(r"[a-z]+:|…", target):
            yield path.parent / target


def test_pictures_are_few_and_light() -> None:
    """Six at most, none of more than 150 KB, and none that no page shows."""
    pictures = set((ROOT / "docs" / "guides" / "pictures").iterdir())
    assert len(pictures) <= 6
    assert [each.name for each in pictures if each.stat().st_size > 150_000] == []
    assert pictures <= {each.resolve() for path in PAGES for each in links(path)}


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_the_editors_guide_calls_everything_by_its_name(language: str) -> None:
    """What is printed bold in the editor's guide is a text of the desk in that language."""
    text = text_of(page("docs/guides/editor", language))
    bold = re.findall(r"\*\*(.+?)\*\*", re.sub(r"`.*?`", "", text))
    assert len(bold) > 20
    texts = known_texts(language)
    assert [each for each in bold if each not in texts] == []


def known_texts(language: str) -> set[str]:
    """All that a page can say in a language, with `…` for what is filled in."""
    texts: set[str] = set()
    for each in extracted() if language == "en" else catalogue(language):
        said = each.id if language == "en" else each.string
        texts.update([said] if isinstance(said, str) else said or ())
    return {re.sub(r"%\(\w+\)s", "…", text) for text in texts}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_has_the_same_commands(name: str, language: str) -> None:
    """Block by block, with what is printed and whether it is run."""
    original, translation = blocks(page(name)), blocks(page(name, language))
    assert [(each.code, each.printed, bool(each.excuse)) for each in translation] == [
        (each.code, each.printed, bool(each.excuse)) for each in original
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_has_the_same_parts(name: str, language: str) -> None:
    """As many headings, rows of tables, items and pictures, in the same order."""
    assert shape(page(name, language)) == shape(page(name))


def shape(path: Path) -> list[str]:
    """What each line of a page begins with, where that says what it is."""
    begun = (re.match(r"#+ |\||- |\d+\. |!\[", line) for line in text_of(path).splitlines())
    return [each[0] for each in begun if each]
