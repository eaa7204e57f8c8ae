"""Writing cards, so that each record is on one card only.

Rules:
- a record that changes stays on its card, and the card is written anew with all its members;
- members are read from what is committed. What was written since is known by name only, which keeps
  memory bounded; a card of several that was, `must_commit` first to be changed again;
- a card without members is no document; a record of which no document can be made is a problem, and
  the others go on.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tantivy import Document, IndexWriter, Query, Searcher

from bri_retrieval import panics
from bri_retrieval.embedded.documents import document
from bri_retrieval.embedded.schema import SCHEMA, read_card
from bri_retrieval.engine import Change
from bri_retrieval.set_aside import member_of, reason_of
from bri_retrieval.stories.card import Card
from bri_retrieval.stories.member import Member


def find_cards(searcher: Searcher, record_ids: Iterable[str]) -> dict[str, Card]:
    """The card of each of these records that is in the index."""
    found: dict[str, Card] = {}
    for name in record_ids:
        # Asking how many have it is far cheaper than searching; most new records have none.
        if name not in found and searcher.doc_freq("id", name):
            query = Query.term_query(SCHEMA, "id", name, index_option="basic")
            for _, address in searcher.search(query, limit=1, count=False).hits:
                card = Card.load(read_card(searcher, address))
                found |= dict.fromkeys(card.ids, card)
    return found


class CardWriter:
    """Writes to the index. Used by one thread. A card that cannot be indexed as a whole is indexed
    by its records, and each of those that cannot be is a problem."""

    def __init__(self, writer: Callable[[], IndexWriter]) -> None:
        """`writer` answers what writes to the index: after a failure, another one."""
        self._writer = writer
        self._written: dict[str, bool] = {}
        """Records written since the last commit, and whether on a card with others."""
        self.problems: dict[str, str] = {}
        """Why records could not be indexed since the last commit."""

    @property
    def touched(self) -> Collection[str]:
        """The records written since the last commit."""
        return self._written.keys()

    def forget(self) -> None:
        """Everything written is committed, or given up."""
        self._written.clear()
        self.problems.clear()

    def has_written(self) -> bool:
        """Whether anything waits to be committed."""
        return bool(self._written)

    def must_commit(self, record_ids: Iterable[str]) -> bool:
        """Whether the index has to be committed before these records can be written by `put`."""
        return any(self._written.get(name, False) for name in record_ids)

    def put(self, committed: Searcher, change: Change) -> None:
        """Write what became of a record."""
        name = change.record_id
        was_written = name in self._written
        # A deletion is looked for in every segment at the commit; most records are new.
        is_committed = not was_written and bool(committed.doc_freq("id", name))
        mates = self._mates(committed, name) if is_committed else []
        self.problems.pop(name, None)
        own: list[Member] = []
        with self._setting_aside(name):
            own = [member] if (member := member_of(change)) else []
        made = list(self._documents([*own, *mates]))
        if was_written or is_committed:
            self._writer().delete_documents_by_term("id", name)
        self._written[name] = False
        self._add(made)

    def bind(self, committed: Searcher, stories: Collection[Collection[str]]) -> None:
        """Put the records of each story on one card. All must be committed."""
        named = {name for story in stories for name in story}
        cards = find_cards(committed, named)
        grouped = _regrouped(cards, stories, named)
        made = [each for members in grouped for each in self._documents(members)]
        for card in {card.id: card for card in cards.values()}.values():
            self._writer().delete_documents_by_term("id", card.id)
        self._add(made)

    def _mates(self, committed: Searcher, name: str) -> list[Member]:
        card = find_cards(committed, [name]).get(name)
        return [member for member in card.members if member.id != name] if card else []

    def _documents(self, members: Sequence[Member]) -> Iterator[tuple[Sequence[Member], Document]]:
        """One document of these records or, where that cannot be made, one of each."""
        if not members:
            return
        name = members[0].id if len(members) == 1 else ""
        made: list[Document] = []
        with self._setting_aside(name):
            made.append(document(Card.of(members)))
        if made:
            yield members, made[0]
        elif not name:
            for each in members:
                yield from self._documents([each])

    def _add(self, made: Iterable[tuple[Sequence[Member], Document]]) -> None:
        for members, each in made:
            self._writer().add_document(each)
            self._written |= {member.id: len(members) > 1 for member in members}

    @contextmanager
    def _setting_aside(self, name: str) -> Iterator[None]:
        """Whatever is raised inside the block is this record's problem, if one is named."""
        try:
            with panics.as_errors():
                yield
        except Exception as reason:  # noqa: BLE001 - whatever it is, the next record goes on
            if name:
                self.problems[name] = reason_of(reason)


def _regrouped(
    cards: Mapping[str, Card], stories: Collection[Collection[str]], named: Collection[str]
) -> Iterator[list[Member]]:
    members = {member.id: member for card in cards.values() for member in card.members}
    for story in stories:
        yield [members[name] for name in story if name in members]
    for card in {card.id: card for card in cards.values()}.values():
        yield [member for member in card.members if member.id not in named]
