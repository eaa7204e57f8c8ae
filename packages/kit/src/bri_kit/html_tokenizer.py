"""A linear HTML tokenizer: one pass, no backtracking, nothing that depends on the tree.

Rules (WHATWG HTML, 13.2.5, as far as text for readers needs it):
- a `<` that begins no tag, comment or declaration is text;
- comments, declarations and processing instructions are left out;
- the contents of RAW elements are text up to their own end tag, those of HIDDEN ones are left out;
- only the attributes that are asked for are reported, the first of a name; others are skipped;
- what is not finished at the end of the input is left out.

Tokens hold plain markup values, not source text, so what is written from them cannot be read in
another way than it was meant.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

RAW = frozenset("iframe noembed noframes textarea title xmp".split())
HIDDEN = frozenset("script style svg template".split())
KEPT = frozenset("alt colspan dir height href hreflang lang rowspan scope src title width".split())
_NAME = re.compile(r"[A-Za-z][^\s/>]*+")
_END_NAME = re.compile(r"</([A-Za-z][^\s/>]*+)")
_SEPARATORS = re.compile(r"[\s/]*+")
_ATTRIBUTE = re.compile(r"[^\s/>][^\s/>=]*+")
_VALUE = re.compile(r"\s*+=\s*+")
_UNQUOTED = re.compile(r"[^\s>]*+")
_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW | HIDDEN}

Attributes = Mapping[str, str]
NONE: Attributes = {}


class Token(NamedTuple):
    """Text, where `name` is empty; else a tag, `/` before the name of an end tag."""

    name: str
    text: str = ""
    attributes: Attributes = NONE


def tokenize(html: str, kept: frozenset[str] = KEPT) -> Iterator[Token]:
    """The tokens of `html` in their order. Texts are source text, with character references as they
    were written and without any `<`."""
    at, length = 0, len(html)
    while at < length:
        start = html.find("<", at)
        if start != at:
            yield Token("", html[at : start if start > 0 else length])
        if start < 0:
            return
        token, at = _markup(html, start, kept)
        if token is not None:
            yield token
        at = at or length  # what is unfinished reaches to the end


def _markup(html: str, start: int, kept: frozenset[str]) -> tuple[Token | None, int]:
    """What the `<` at `start` begins, if it is reported, and where it ends; 0 where it does not."""
    if found := _NAME.match(html, start + 1):
        name = found[0].lower()
        at, attributes = _attributes(html, found.end(), kept)
        if at and name in _ENDS:
            text, at = _contents(html, name, at)
            return Token("", text), at
        return (Token(name, "", attributes) if at else None), at
    if found := _END_NAME.match(html, start):
        at, _ = _attributes(html, found.end(), kept)
        return (Token("/" + found[1].lower()) if at else None), at
    at = _after_declaration(html, start)
    return (Token("", "&lt;"), at + 1) if at == start else (None, at)


def _contents(html: str, name: str, at: int) -> tuple[str, int]:
    """The text of a RAW or HIDDEN element that begins at `at`, as markup, and where it ends."""
    end = _ENDS[name].search(html, at)
    last = end.start() if end else len(html)
    text = html[at:last].replace("<", "&lt;") if name in RAW else ""
    return text, _attributes(html, end.end())[0] if end else len(html)


def _after_declaration(html: str, start: int) -> int:
    """Where a comment or declaration that begins at `start` ends; `start` where there is none."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 2)
        return end + 3 if end >= 0 else len(html)
    if html.startswith(("<!", "<?", "</"), start):
        end = html.find(">", start)
        return end + 1 if end >= 0 else len(html)
    return start


def _attributes(html: str, at: int, kept: frozenset[str] = KEPT) -> tuple[int, Attributes]:
    """The position after the tag whose name ends at `at`, 0 where the tag is not finished, and its
    attributes."""
    if html.startswith(">", at):
        return at + 1, NONE
    read: dict[str, str] = {}
    while True:
        at = _end(_SEPARATORS, html, at)
        if html.startswith(">", at):
            return at + 1, read
        found = _ATTRIBUTE.match(html, at)
        if found is None:
            return 0, NONE
        at, value = _value(html, found.end())
        if at < 0:
            return 0, NONE
        name = found[0].lower()
        if name in kept:
            read.setdefault(name, value)


def _value(html: str, at: int) -> tuple[int, str]:
    """The value of an attribute whose name ends at `at`, and where it ends; -1 for one that does
    not end."""
    equals = _VALUE.match(html, at)
    if equals is None:
        return at, ""
    at = equals.end()
    quote = html[at : at + 1]
    if quote in ("'", '"'):
        end = html.find(quote, at + 1)
        return (end + 1, html[at + 1 : end]) if end >= 0 else (-1, "")
    end = _end(_UNQUOTED, html, at)
    return end, html[at:end]


def _end(pattern: re.Pattern[str], html: str, at: int) -> int:
    found = pattern.match(html, at)
    return found.end() if found else at


def write(name: str, attributes: Attributes = NONE) -> str:
    """A start tag, or an end tag where `name` begins with `/`, as any parser reads it."""
    if attributes is NONE:
        return f"<{name}>"
    return f"<{name}{''.join(map(_written, attributes.items()))}>"


def _written(pair: tuple[str, str]) -> str:
    name, value = pair
    escaped = value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    return f' {name}="{escaped}"'
