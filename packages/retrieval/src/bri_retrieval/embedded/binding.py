"""Writing cards, so that each record is on one card only.

Rules:
- a record that changes stays on its card, and the card is written anew with all its members;
- members are read from what is committed. What was written since is known by name only, which keeps
  memory bounded; a card of several that was, `must_commit` first to be changed again;
- a card without members is no document.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from tantivy import Index, IndexWriter, Query, Searcher

from bri_retrieval.embedded.documents import document
from bri_retrieval.embedded.schema import SCHEMA, read_card
from bri_retrieval.engine import Change
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
    """Writes to the index. Used by one thread."""

    def __init__(self, index: Index, writer: IndexWriter) -> None:
        self._index, self._writer = index, writer
        self._written: dict[str, bool] = {}
        """Records written since the last commit, and whether on a card with others."""

    def forget(self) -> None:
        """Everything written is committed, or given up."""
        self._written.clear()

    def has_written(self) -> bool:
        """Whether anything waits to be committed."""
        return bool(self._written)

    def must_commit(self, record_ids: Iterable[str]) -> bool:
        """Whether the index has to be committed before these records can be written by `put`."""
        return any(self._written.get(name, False) for name in record_ids)

    def put(self, committed: Searcher, change: Change) -> None:
        """Write what became of a record."""
        name = change.record_id
        mates: list[Member] = []
        if name in self._written:
            self._writer.delete_documents_by_term("id", name)
        # A deletion is looked for in every segment at the commit; most records are new.
        elif committed.doc_freq("id", name):
            mates = self._mates(committed, name)
            self._writer.delete_documents_by_term("id", name)
        # Without an edition there is nothing to show; no hub takes such a record.
        if change.record is not None and change.record.editions:
            own = Member.of(change.record, change.number, change.joined, change.parted, change.at)
            self._write([own, *mates])
        else:
            self._write(mates)
            self._written[name] = False

    def bind(self, committed: Searcher, stories: Collection[Collection[str]]) -> None:
        """Put the records of each story on one card. All must be committed."""
        named = {name for story in stories for name in story}
        cards = find_cards(committed, named)
        for card in {card.id: card for card in cards.values()}.values():
            self._writer.delete_documents_by_term("id", card.id)
        for members in _regrouped(cards, stories, named):
            self._write(members)

    def _mates(self, committed: Searcher, name: str) -> list[Member]:
        card = find_cards(committed, [name]).get(name)
        return [member for member in card.members if member.id != name] if card else []

    def _write(self, members: Collection[Member]) -> None:
        if members:
            self._writer.add_document(document(Card.of(members)))
            self._written |= {member.id: len(members) > 1 for member in members}


def _regrouped(
    cards: Mapping[str, Card], stories: Collection[Collection[str]], named: Collection[str]
) -> Iterator[list[Member]]:
    members = {member.id: member for card in cards.values() for member in card.members}
    for story in stories:
        yield [members[name] for name in story if name in members]
    for card in {card.id: card for card in cards.values()}.values():
        yield [member for member in card.members if member.id not in named]
