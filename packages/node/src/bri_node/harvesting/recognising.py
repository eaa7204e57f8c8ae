"""Whether something was seen before: by its identity, its address, or its text.

Rules:
- the same identity at the same source is the same thing, whatever became of it;
- the same address is the same thing under another identity, at whatever source; an address that
  several texts of one reading share, or that is the source's own, tells nothing;
- the same text under another identity, at the same source, is the same thing;
- what is recognised by address or text takes the new identity, unless the one it has was seen in
  the same reading: then it is a duplicate of something that is there.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlmodel import Session, col, select

from bri_harvesting.source import Item
from bri_node.harvesttables import HarvestItemRow

_CHUNK = 500
_TRACKING = ("utm_", "fbclid", "gclid", "yclid", "spm", "from_source")


def key_of(text: str) -> str:
    """What an identity is looked up by."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def url_key(url: str) -> str:
    """What an address is looked up by; the same for addresses that differ only in what never leads
    elsewhere: the scheme, a fragment, a slash at the end, marks of campaigns. Empty for none."""
    if not url:
        return ""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = [
        each
        for each in parse_qsl(parts.query, keep_blank_values=True)
        if not each[0].lower().startswith(_TRACKING)
    ]
    return key_of(f"{host}{port}{parts.path.rstrip('/')}?{urlencode(query)}")


class Known:
    """What was seen before of some items that came together, and of what is being added."""

    def __init__(self, session: Session, source: str, own_url: str, items: Sequence[Item]) -> None:
        self._source = source
        self._identities = {key_of(each.identity) for each in items}
        texts: defaultdict[str, set[str]] = defaultdict(set)
        for each in items:
            texts[url_key(each.url)].add(each.digest)
        self._telling = {key for key, held in texts.items() if len(held) == 1}
        self._telling -= {"", url_key(own_url)}
        digests = {each.digest for each in items}
        here = col(HarvestItemRow.source) == source
        self._rows = {
            row.identity_key: row
            for row in _rows(session, here, HarvestItemRow.identity_key, self._identities)
        }
        self._by_url = {
            row.url_key: row for row in _rows(session, None, HarvestItemRow.url_key, self._telling)
        }
        self._by_text = {
            row.digest: row for row in _rows(session, here, HarvestItemRow.digest, digests)
        }
        self._new: set[str] = set()

    def same(self, item: Item) -> HarvestItemRow | None:
        """What the source called so before."""
        return self._rows.get(key_of(item.identity))

    def alike(self, item: Item) -> HarvestItemRow | None:
        """What had another identity, and the same address or text."""
        key = url_key(item.url)
        by_url = self._by_url.get(key) if key in self._telling else None
        return by_url or self._by_text.get(item.digest)

    def may_rename(self, row: HarvestItemRow, now: str) -> bool:
        """Whether a thing may take another identity: the one that it has is not in use."""
        in_use = row.identity_key in self._identities or row.last_seen == now
        return row.source == self._source and not in_use

    def is_repeated(self, item: Item) -> bool:
        """Whether an item's identity or text is that of one that is being added with it; from now
        on it is."""
        keys = {key_of(item.identity), item.digest}
        repeated = not keys.isdisjoint(self._new)
        self._new |= keys
        return repeated

    def renamed(self, row: HarvestItemRow) -> None:
        """Know a thing by its new identity."""
        self._rows[row.identity_key] = row


def _rows(
    session: Session, where: object, column: object, values: Iterable[str]
) -> list[HarvestItemRow]:
    found: list[HarvestItemRow] = []
    wanted = sorted(values)
    for start in range(0, len(wanted), _CHUNK):
        query = select(HarvestItemRow).where(col(column).in_(wanted[start : start + _CHUNK]))
        if where is not None:
            query = query.where(where)  # type: ignore[arg-type]
        found += session.exec(query).all()
    return found
