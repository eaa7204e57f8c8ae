"""Records of about 4 KB in Chinese, English and Russian, mixed from real passages.

The passages are read from the folder in BRI_SHARED (default: `../shared` beside the checkout),
and never copied into the project. The same seed gives the same records.
"""

import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from bri.content.v1 import content_pb2

from bri_kit import content, html, vocabulary
from tests.support.centres import AT

SHARED = Path(os.environ.get("BRI_SHARED") or Path(__file__).parents[3] / "shared")
LANGUAGES = ("zh", "en", "ru")
KINDS = ("news", "case", "cooperation", "technology")
COUNTRIES = ("CN", "RU", "KZ", "KG", "TJ", "UZ", "IN", "PK", "IR", "BY")


@cache
def passages(folder: Path = SHARED) -> dict[str, list[str]]:
    """The passages by language.

    Raises:
        FileNotFoundError: the folder with the real passages is not there.
    """
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for line in (folder / "relevance" / "xquad-dev.passages.jsonl").read_bytes().splitlines():
        row = orjson.loads(line)
        if row["lang"] in found:
            found[row["lang"]].append(row["text"])
    return found


def records(count: int, size: int = 4_096, seed: int = 1) -> Iterator[dict[str, Any]]:
    """`count` records as a client posts them, each one edition of about `size` bytes."""
    chance = random.Random(seed)
    texts = passages()
    topics = list(vocabulary.topics())
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        paragraphs: list[str] = []
        while sum(len(each.encode()) for each in paragraphs) < size:
            paragraphs.append(_part(chance, chance.choice(texts[language])))
        yield {
            "kind": chance.choice(KINDS),
            "original_language": language,
            "editions": {
                language: {
                    "title": f"{_part(chance, chance.choice(texts[language]))[:60]} {number}",
                    "body": "".join(f"<p>{each}</p>" for each in paragraphs),
                }
            },
            "countries": chance.sample(COUNTRIES, 2),
            "topics": chance.sample(topics, 2),
            "dates": {"original": f"{chance.randint(2005, 2026)}-{chance.randint(1, 12):02}-15"},
        }


def to_record(record_id: str, document: dict[str, Any]) -> content_pb2.Record:
    """A document of `records` as its centre signs it."""
    language, edition = next(iter(document["editions"].items()))
    return content_pb2.Record(
        id=record_id,
        revision=1,
        kind=content.KINDS[document["kind"]],
        original_language=language,
        editions=[
            content_pb2.Edition(
                language=language,
                title=edition["title"],
                body=html.sanitise(edition["body"]),
                origin=content_pb2.ORIGIN_ORIGINAL,
            )
        ],
        countries=document["countries"],
        topics=document["topics"],
        dates=content_pb2.Dates(original=document["dates"]["original"], published=AT),
    )


def _part(chance: random.Random, text: str) -> str:
    """A piece of a passage, so that no two records are the same."""
    begin = chance.randrange(max(1, len(text) // 3))
    return text[begin : begin + len(text) * 2 // 3].strip()
