"""One reader's request for a page: who asks, in which language, and how it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from bri_kit.errors import Unavailable
from bri_pages import labels
from bri_pages.messages import messages
from bri_pages.rendering import Page, Renderer
from bri_pages.site import Site
from bri_pages.source import Document, Source
from bri_retrieval.engine import Query, Results

_NOTHING = Results(0, ())


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page of `site` in `language`."""

    request: Request
    site: Site
    source: Source
    renderer: Renderer
    language: str

    @property
    def origin(self) -> str:
        """What absolute addresses of this site begin with."""
        return self.site.address or str(self.request.base_url).rstrip("/")

    @property
    def feed_hub(self) -> str:
        """Where feeds of this site are followed by WebSub; empty where they are not."""
        hub = self.site.feed_hub
        return f"{self.origin}{hub}" if hub.startswith("/") else hub

    def say(self, text: str) -> str:
        """A text of ours in the reader's language."""
        return messages(self.language).gettext(text)

    def name(self, family: str, code: str) -> str:
        """What a code is called in the reader's language; see `labels.LABELS`."""
        return labels.label(self.say, family, code)

    def show(
        self, template: str, page: Page, values: Mapping[str, Any], status: int = 200
    ) -> HTMLResponse:
        """The answer to this request."""
        return self.renderer.render(self.origin, template, self.language, page, values, status)

    async def search(self, query: Query) -> tuple[Results, str]:
        """The results, and what to say where search is away; a page is shown all the same."""
        try:
            return await self.source.search(query), ""
        except Unavailable:
            return _NOTHING, self.say(
                "Search does not answer at the moment. Records can still be read."
            )

    def names(self, centres: Sequence[Document]) -> dict[str, str]:
        """What each centre is called in the reader's language."""
        return {each["code"]: _name(each["names"], self.language) for each in centres}


def _name(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or names.get("en") or next(iter(names.values()), "")
