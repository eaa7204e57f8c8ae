"""What becomes of a card, one record or several of a story: one document of a Meilisearch index.

Rules:
- title, summary and body hold the tokens of each edition, an edition an item, in the same order: no
  two editions' words are ever neighbours, and each edition can be weighed by itself;
- words as they are typed, spelt and sound are marked each in its way, so that no question for words
  of the text finds them;
- the card is stored as one string, which only we read; all else of a document follows from it, and
  its hash is the document's version;
- a card that must not be found any more becomes a document without words, in the same task as all
  else, and is removed afterwards: a task is all or nothing, two tasks are not;
- the position is a document too: the last of the last task.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson

from bri_retrieval import panics, pinyin
from bri_retrieval.analysis import family, prepare, typed, words
from bri_retrieval.folding import fold
from bri_retrieval.meili.tokens import moved, tokenize
from bri_retrieval.set_aside import SetAside, Unindexable, reason_of
from bri_retrieval.stories.card import Card
from bri_retrieval.stories.member import milliseconds

Document = Mapping[str, Any]

PARTS = ("title", "summary", "body")
POSITION_ID = "position"
"""No card's name: those have the colon's code in them."""

TYPED, SPELT, SOUNDS = "\U000f0001", "\U000f0002", "\U000f0003"
"""Stand before words as they are typed, spelt and sound."""

_LONGEST_NAME = 511
"""Bytes of a document's name."""

_VERSION_BYTES = 12
_UNNAMEABLE = re.compile(r"[^A-Za-z0-9-]")
_SPELT_WORD = re.compile(r"[a-z\u0430-\u052f]{3,24}")
_HAN_WORD = re.compile(r"[\u3400-\u9fff]{2,8}")


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index is: the cursor, the epoch of its log, the settings and the format that it
    was made with, the facets that it can count, and the records that could not be indexed."""

    cursor: int = 0
    epoch: str = ""
    made_with: str = ""
    facets: tuple[str, ...] = ()
    set_aside: SetAside = field(default_factory=SetAside)


def name(card_id: str) -> str:
    """The document's name for a card: Meilisearch allows letters, digits and hyphens."""
    return _UNNAMEABLE.sub(lambda char: f"_{ord(char[0]):x}_", card_id)


def documents(card: Card, problems: dict[str, str]) -> Iterator[Document]:
    """What the index holds of a card or, where that cannot be indexed as a whole, of its records,
    each by itself; why one of those cannot be is added to `problems`."""
    try:
        with panics.as_errors():
            made = document(card)
    except Exception as reason:  # noqa: BLE001 - whatever it is, the next card goes on
        if len(card.members) > 1:
            for member in card.members:
                yield from documents(Card.of([member]), problems)
        else:
            problems[card.id] = reason_of(reason)
            yield nothing(card.id)  # what it was before is not what it says now
    else:
        yield made


def document(card: Card) -> Document:
    """What the index holds of a card.

    Raises:
        Unindexable: its name is longer than Meilisearch takes.
    """
    if len(name(card.id)) > _LONGEST_NAME:
        raise Unindexable("its identifier is too long")
    kept = card.dump()
    return {
        "id": name(card.id),
        "version": blake2b(kept, digest_size=_VERSION_BYTES).hexdigest(),
        "shown": True,
        "records": card.ids,
        "members": str(len(card.members)),
        **card.keywords(),
        **_dates(card),
        **_texts(card),
        "card": kept.decode(),
    }


def nothing(card_id: str) -> Document:
    """What the index holds of a card that must not be found any more."""
    return {"id": name(card_id)[:_LONGEST_NAME], "shown": False}


def write_position(position: Position) -> Document:
    """The document that keeps `position`."""
    kept = {each.name: getattr(position, each.name) for each in fields(position)}
    kept["set_aside"] = position.set_aside.dump()
    return {"id": POSITION_ID, "shown": False, "card": orjson.dumps(kept).decode()}


def read_position(found: Document) -> Position:
    """The position that a document keeps."""
    kept = orjson.loads(found["card"])
    set_aside = SetAside.load(kept.get("set_aside"))
    return Position(**{**kept, "facets": tuple(kept["facets"]), "set_aside": set_aside})


def read_card(found: Document) -> Card:
    """The card of a document."""
    return Card.load(found["card"].encode())


def typing(text: str) -> list[str]:
    """A title, or the beginning of one, as words that are being typed."""
    return [f"{TYPED}{moved(word)}" for word in words(typed(text))]


def _dates(card: Card) -> dict[str, Any]:
    days = {member.id: _ordinal(member.date) for member in card.members}
    newest = max(card.members, key=lambda member: (days[member.id], member.number))
    known = sorted({day for day in days.values() if day})
    return {
        "day": known,
        "year": sorted({str(date.fromordinal(day).year) for day in known}),
        "newest_day": days[newest.id],
        "newest_number": newest.number,
        "changed": max(milliseconds(member.changed) for member in card.members),
        "changed_number": max(member.number for member in card.members),
    }


def _ordinal(day: str) -> int:
    try:
        return date.fromisoformat(day).toordinal()
    except ValueError:
        return 0  # an unknown date is older than all others and in no range of dates


def _texts(card: Card) -> dict[str, Any]:
    texts = [text for _, text in card.texts()]
    found = {part: [" ".join(tokenize(getattr(text, part))) for text in texts] for part in PARTS}
    # Whoever knows a law by its number need not know how the text around it cites it.
    numbers = [number for member in card.members for number in member.law.names]
    found["summary"] += [" ".join(tokenize(number)) for number in numbers]
    return {
        **found,
        "typed": [" ".join(typing(text.title)) for text in texts],
        **_vocabulary(card),
    }


def _vocabulary(card: Card) -> dict[str, Any]:
    """The words as they are spelt, and how the Chinese words of titles sound: each an item."""
    spelt: set[str] = set()
    sounding: set[str] = set()
    for language, text in card.texts():
        if family(language) == "zh":
            sounding.update(_HAN_WORD.findall(prepare(text.title, language)))
        else:
            spelt.update(_SPELT_WORD.findall(fold(" ".join(text))))
    return {
        "words": [f"{SPELT}{word}" for word in sorted(spelt)],
        "sounds": [
            f"{SOUNDS}{sound}{moved(word)}"
            for word in sorted(sounding)
            for sound in (*pinyin.sounds(word), pinyin.initials(word))
        ],
    }
