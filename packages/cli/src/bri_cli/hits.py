"""Search results for people: a hit is a title, its particulars and a snippet with the match shown.

Snippets are escaped HTML in which `<mark>` is the only tag; titles are plain text. Neither is ever
read as rich's own markup.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from bri_cli.screen import screen

_MARK = re.compile(r"<mark>([^<]*+)</mark>")
_SHOWN_COUNTS = 6


def print_hits(query: str, answer: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the hub's answer to a search."""
    console = console or screen()
    hits, total = answer["hits"], answer["total"]
    if meant := answer.get("did_you_mean"):
        console.print(Text(f"Searched for: {meant}", style="italic"))
    if not hits:
        console.print(Text(_without_hits(query, total)))
        return
    console.print(Text(f"{total} found in {answer['took_ms']} ms", style="dim"))
    for number, hit in enumerate(hits, 1):
        console.print()
        console.print(Text.assemble((f"{number:2} ", "dim"), (hit["title"], "bold")))
        console.print(Text(f"   {_particulars(hit)}", style="cyan"))
        snippet = marked(hit["snippet"])
        if snippet.plain:
            console.print(Text("   ").append_text(snippet), soft_wrap=False)
    facets = facet_lines(answer.get("facets", {}))
    if facets:
        console.print()
    for line in facets:
        console.print(Text(line, style="dim"))


def marked(snippet: str) -> Text:
    """A snippet as text, what matched highlighted."""
    text = Text()
    for index, part in enumerate(_MARK.split(" ".join(snippet.split()))):
        text.append(html.unescape(part), style="bold yellow" if index % 2 else "")
    return text


def facet_lines(facets: Mapping[str, Mapping[str, int]]) -> list[str]:
    """A line a facet: its most frequent values with their counts."""
    lines = []
    for name, counts in facets.items():
        most = sorted(counts.items(), key=lambda each: -each[1])[:_SHOWN_COUNTS]
        if most:
            values = " · ".join(f"{value} {count}" for value, count in most)
            more = " …" if len(counts) > _SHOWN_COUNTS else ""
            lines.append(f"{name}: {values}{more}")
    return lines


def _particulars(hit: Mapping[str, Any]) -> str:
    parts = [hit["centre"], hit["kind"], hit["date"], ",".join(hit["editions"])]
    parts += [",".join(hit["countries"]), hit["id"]]
    return " · ".join(part for part in parts if part)


def _without_hits(query: str, total: int) -> str:
    if total:
        return f"{total} found, none from this offset on."
    if not query:
        return "Nothing was found. Fewer filters find more."
    return (
        f"Nothing was found for {query!r}. Fewer words or filters, or another language, may help."
    )
