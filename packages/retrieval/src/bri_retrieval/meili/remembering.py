"""What was asked of an index before, and need not be asked again.

Rules:
- what was counted and read holds until the next commit, which `renew`s the answers;
- documents are kept by name and version, which is another with every change: they hold for good,
  and the longest unused go once they take KEPT_BYTES;
- any thread may use it: two that ask the same at once both ask.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from bri_retrieval.meili.weighing import Weighable
from bri_retrieval.stories.card import Card

KEPT_BYTES = 48 * 1024 * 1024
"""Of texts, and as much of cards."""

MOST_ANSWERS = 20_000
"""Counts and readings that are remembered at once; most take some hundred bytes."""

Answer = TypeVar("Answer")
Question = TypeVar("Question", bound=Hashable)


class Sized(Protocol):
    """Something that knows how many bytes it takes, about."""

    @property
    def size(self) -> int:
        """Bytes."""


Document = TypeVar("Document", bound=Sized)
Hit = Mapping[str, Any]
"""A document that was found, with its id and its version."""


class Kept(Generic[Document]):
    """Documents by name and version, the most recently used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Document] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def those_of(
        self, hits: Sequence[Hit], ask: Callable[[Sequence[str]], Iterable[tuple[str, Document]]]
    ) -> dict[str, Document]:
        """The documents of `hits` by name; `ask` answers those that are not known."""
        found: dict[str, Document] = {}
        with self._lock:
            for hit in hits:
                if (key := (hit["id"], hit["version"])) in self._kept:
                    self._kept.move_to_end(key)
                    found[hit["id"]] = self._kept[key]
        versions = {hit["id"]: hit["version"] for hit in hits if hit["id"] not in found}
        for name, document in ask(list(versions)) if versions else ():
            found[name] = document
            self._keep((name, versions[name]), document)
        return found

    def _keep(self, key: tuple[str, str], document: Document) -> None:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = document
                self._bytes += document.size
            while self._bytes > KEPT_BYTES:
                self._bytes -= self._kept.popitem(last=False)[1].size


class Remembered:
    """The answers of one index as of one commit."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Any] = {}

    def renew(self) -> None:
        """Forget it all: the index is not as it was. Who is still asking answers nobody else."""
        self._answers = {}

    def once(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The answer to `question`; `ask` is called where it is not known."""
        return self.each([question], lambda _: [ask()])[0]

    def each(
        self, questions: Sequence[Question], ask: Callable[[Sequence[Question]], Sequence[Answer]]
    ) -> list[Answer]:
        """The answers to `questions`; `ask` is called with those that are not known."""
        answers = self._answers
        known = {each: answers[each] for each in questions if each in answers}
        if unknown := list(dict.fromkeys(each for each in questions if each not in known)):
            told = dict(zip(unknown, ask(unknown), strict=True))
            known |= told
            self._keep(answers, told)
        return [known[each] for each in questions]

    @staticmethod
    def _keep(answers: dict[Hashable, Any], told: Mapping[Any, Any]) -> None:
        if len(answers) > MOST_ANSWERS:
            answers.clear()
        answers.update(told)


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card as the server keeps it."""

    stored: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.stored)

    def load(self) -> Card:
        """The card."""
        return Card.load(self.stored)


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered of one index."""

    answers: Remembered = field(default_factory=Remembered)
    texts: Kept[Weighable] = field(default_factory=Kept)
    cards: Kept[StoredCard] = field(default_factory=Kept)
