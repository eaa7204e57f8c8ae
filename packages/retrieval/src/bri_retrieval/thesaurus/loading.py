"""The thesaurus of a process: the topics, and the files that an operator put in a directory.

Rules:
- it is filled in a thread of its own, the topics first, so that no start waits;
- a file that cannot be taken is told in the log, with the reason, and the others are taken;
- files are read once, at the start.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from threading import Thread

import structlog

from bri_retrieval.thesaurus.concepts import Thesaurus
from bri_retrieval.thesaurus.skos import FORMATS, UnusableThesaurus, read
from bri_retrieval.thesaurus.topics import topic_concepts

LANGUAGES = frozenset("zh en ru kk ky tg uz tk mn fa hi vi th lo km my id ms tl".split())
"""The languages of the federation's countries that an engine has words for."""

_log = structlog.get_logger()


def begin_loading(directory: Path | None) -> Thesaurus:
    """A thesaurus to which the topics, then the files in `directory` are being added."""
    thesaurus = Thesaurus()

    def fill() -> None:
        thesaurus.add(topic_concepts())
        if directory:
            load(thesaurus, directory)

    Thread(target=fill, name="thesauri", daemon=True).start()
    return thesaurus


@cache
def default_thesaurus() -> Thesaurus:
    """The topics alone; one a process."""
    return Thesaurus(topic_concepts())


def load(
    thesaurus: Thesaurus, directory: Path, languages: Collection[str] = LANGUAGES
) -> dict[str, str]:
    """Add the files in `directory`; answers which could not be taken, and why."""
    refused: dict[str, str] = {}
    try:
        files = sorted(path for path in directory.iterdir() if path.suffix.lower() in FORMATS)
    except OSError as failure:
        _log.error("thesauri.unreadable", directory=str(directory), reason=str(failure))
        return {str(directory): str(failure)}
    for path in files:
        try:
            concepts = read(path, languages)
        except UnusableThesaurus as reason:
            refused[path.name] = str(reason)
            _log.error("thesaurus.refused", file=path.name, reason=str(reason))
        else:
            thesaurus.add(concepts)
            _log.info("thesaurus.added", file=path.name, concepts=len(concepts))
    return refused
