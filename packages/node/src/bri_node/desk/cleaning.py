"""What is pasted from a word processor or a web page, as the Markdown that the desk writes in.

Rules:
- what arrives is anybody's: it is read once, by a tokenizer whose work is linear; pictures inside
  it are left out there, then it is sanitised as every body is, and only then made Markdown;
- a word processor's list paragraphs become items of lists, without the bullet that it wrote;
- formatting that Markdown does not have goes, its text stays;
- no more than MAX_PASTE bytes are taken, once the pictures are out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from bri_kit import html
from bri_kit.content import TOO_DEEP
from bri_kit.errors import FieldError, InvalidInput, TooLarge
from bri_kit.html_nesting import balance
from bri_kit.html_tokenizer import KEPT, Token, tokenize, write

MAX_PASTE = 5 * 1024 * 1024

_ATTRIBUTES = KEPT | {"class"}
_OWN_PICTURES = ("data:", "file:", "blob:", "cid:")
_CONDITION = re.compile(r"<!(?:--)?\[if", re.IGNORECASE)
_CONDITION_END = re.compile(r"<!\[endif\](?:--)?>", re.IGNORECASE)
_LIST_PARAGRAPH = "msolistparagraph"
_BLANK = re.compile(r"(?:\s|&nbsp;)*+")
_BULLET = re.compile(r"(?:\s|&nbsp;)*+(?:[·•▪§o]|\d{1,9}+[.)])(?=[\s&]|$)")
_MARKDOWN_DEPTH = 24
_RUNS = re.compile(r"([ \t\r\n]{100})[ \t\r\n]++")
"""Blanks beyond what anybody indents by: the converter's work on them is not linear."""
_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A paste as Markdown, and how many pictures were left out of it."""

    markdown: str
    pictures: int


def clean(pasted: str) -> Cleaned:
    """What a clipboard holds as HTML, made Markdown.

    Raises:
        TooLarge: it is more than anybody would want to paste.
        InvalidInput: its elements are nested too deep.
    """
    reader = _Reader()
    text = "".join(reader.read(_without_conditions(pasted)))
    if len(text.encode(errors="replace")) > MAX_PASTE:
        raise TooLarge(f"A paste may have at most {MAX_PASTE // 1024 // 1024} MiB of text.")
    try:
        body = html.sanitise(text)
    except html.TooDeep as fact:
        errors = [FieldError("html", TOO_DEEP)]
        raise InvalidInput("The paste cannot be taken.", errors) from fact
    return Cleaned(to_markdown(body), reader.pictures)


def _without_conditions(text: str) -> str:
    """`text` without what a word processor wrote for itself between `<![if` and `<![endif]>`."""
    parts, at = [], 0
    while begin := _CONDITION.search(text, at):
        end = _CONDITION_END.search(text, begin.end())
        if end is None:
            break
        parts.append(text[at : begin.start()])
        at = end.end()
    return "".join([*parts, text[at:]])


class _Reader:
    """Goes through the tokens of a paste; `pictures` counts those that were left out."""

    def __init__(self) -> None:
        self.pictures = 0
        self._in_item = False
        self._before_text = False

    def read(self, pasted: str) -> Iterator[str]:
        for token in tokenize(pasted, _ATTRIBUTES):
            if not token.name:
                yield self._text(token.text)
            elif token.name == "img" and _is_own_picture(token):
                self.pictures += 1
            elif token.name == "p":
                yield self._paragraph(token)
            elif token.name == "/p" and self._in_item:
                yield self._end_item()
            else:
                yield write(token.name, token.attributes)

    def _paragraph(self, token: Token) -> str:
        ended = self._end_item() if self._in_item else ""
        if not token.attributes.get("class", "").lower().startswith(_LIST_PARAGRAPH):
            return ended + write("p", token.attributes)
        self._in_item = self._before_text = True
        return f"{ended}<ul><li>"

    def _end_item(self) -> str:
        self._in_item = self._before_text = False
        return "</li></ul>"

    def _text(self, text: str) -> str:
        """A text, without the bullet that a list paragraph begins with."""
        if not self._before_text:
            return text
        if bullet := _BULLET.match(text):
            self._before_text = False
            return text[bullet.end() :]
        blank = _BLANK.match(text)
        self._before_text = blank is not None and blank.end() == len(text)
        return text


def _is_own_picture(token: Token) -> bool:
    return token.attributes.get("src", "")[:6].lstrip().lower().startswith(_OWN_PICTURES)


def to_markdown(body: str) -> str:
    """Sanitised HTML as Markdown; tags that Markdown has no sign for lose their formatting. What is
    nested deeper than anybody writes is its text: a converter's work is the length times the
    depth."""
    try:
        body = balance(_without_wrappers(body), _MARKDOWN_DEPTH)
    except html.TooDeep:
        return html.plain_text(body).replace("\n", "\n\n")
    converter = _converter()(heading_style="atx", bullets="-", escape_misc=False)
    markdown: str = converter.convert(_RUNS.sub(r"\1", body))
    return _LINES.sub("\n\n", markdown).strip()


@cache
def _converter() -> Any:
    """The library's converter, whose own expressions for the ends of code are quadratic."""
    from markdownify import MarkdownConverter  # 11 MB, and few paste

    class Converter(MarkdownConverter):
        def convert_pre(self, el: Any, text: str, parent_tags: set[str]) -> str:
            begin = len(text) - len(text.lstrip(" \n"))
            text = text[text.rfind("\n", 0, begin) + 1 :].rstrip(" \n")
            return f"\n\n```\n{text}\n```\n\n" if text else ""

    return Converter


def _without_wrappers(body: str) -> str:
    """`body` without the elements that only hold others; what stood in a block of its own still
    does."""
    if "<div" not in body and "<span" not in body:
        return body
    return "".join(map(_unwrapped, tokenize(body)))


def _unwrapped(token: Token) -> str:
    if not token.name:
        return token.text
    if token.name in ("div", "/div"):
        return "<p></p>"
    return "" if token.name in ("span", "/span") else write(token.name, token.attributes)
