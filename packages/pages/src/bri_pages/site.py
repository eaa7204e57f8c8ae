"""What makes one site different from another: its names, its languages and its colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MODULES = ("news", "policy", "case", "cooperation", "technology")
"""The kinds of record, in the order in which readers meet them."""

MODULE_PATHS = {
    "news": "news",
    "policy": "policies",
    "case": "cases",
    "cooperation": "cooperation",
    "technology": "technologies",
}
"""Where each kind has its list, below the page's language."""

FEED_HUB = "/websub"
"""Where the portal lets feeds be followed by WebSub: its own, and those of all centres."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site. `code` is "hub" or the centre's; `names` and `languages` (BCP 47, the first is the
    default) are those of its readers; `address` begins canonical links and may be empty, the
    request's own then serves; `accent` is a CSS colour; `hub` is the hub's address at a centre;
    `feed_hub` is where feeds are followed by WebSub, a path of this site or another's address;
    empty where they are not."""

    code: str
    names: Mapping[str, str]
    languages: Sequence[str]
    address: str = ""
    accent: str = "#0f6b5c"
    hub: str = ""
    feed_hub: str = ""

    @property
    def is_hub(self) -> bool:
        """Whether this is the portal that shows everything."""
        return self.code == "hub"

    @property
    def feeds(self) -> Mapping[str, str]:
        """The path of each kind's Atom feed, in the site's first language."""
        return {kind: f"/{self.languages[0]}/{path}.atom" for kind, path in MODULE_PATHS.items()}

    def name(self, language: str) -> str:
        """The site's name in `language`, else in English, else in any."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()))
