"""MathML as text with superscripts and subscripts, so that a formula does not vanish.

A fraction is written with a stroke and a root with its sign, in parentheses where they hold more
than one thing; annotations (TeX beside the formula) are left out. What has no such form, as a
matrix, becomes its text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bri_kit.html_tokenizer import Token

_LEFT_OUT = frozenset(("annotation", "annotation-xml", "maction", "mphantom"))
_EMPTY = frozenset(("mspace", "none", "mprescripts"))
_SCRIPTS = {"msup": "sup", "msub": "sub", "mover": "sup", "munder": "sub"}
_DEEPEST = 50


@dataclass
class _Node:
    name: str
    parts: list[str] = field(default_factory=list)
    """The markup of each child."""

    def at(self, place: int) -> str:
        return self.parts[place] if place < len(self.parts) else ""


def to_html(tokens: Iterator[Token]) -> str:
    """The formula whose start tag was the last token, up to its end tag or the end of the text."""
    stack = [_Node("math")]
    for token in _shown(tokens):
        name = token.name
        if not name:
            if text := " ".join(token.text.split()):
                stack[-1].parts.append(text)
        elif name[0] == "/":
            if len(stack) > 1 and stack[-1].name == name[1:]:
                _close(stack)
        elif len(stack) < _DEEPEST and name not in _EMPTY:
            stack.append(_Node(name))
    while len(stack) > 1:
        _close(stack)
    return "".join(stack[0].parts)


def _shown(tokens: Iterator[Token]) -> Iterator[Token]:
    hidden = 0
    for token in tokens:
        if token.name == "/math":
            return
        if token.name.lstrip("/") in _LEFT_OUT:
            hidden = max(0, hidden + (-1 if token.name[0] == "/" else 1))
        elif not hidden:
            yield token


def _close(stack: list[_Node]) -> None:
    node = stack.pop()
    if written := _written(node):
        stack[-1].parts.append(written)


def _written(node: _Node) -> str:
    name = node.name
    if name in _SCRIPTS and len(node.parts) > 1:
        tag = _SCRIPTS[name]
        return f"{node.at(0)}<{tag}>{''.join(node.parts[1:])}</{tag}>"
    if name in ("msubsup", "munderover"):
        return f"{node.at(0)}<sub>{node.at(1)}</sub><sup>{node.at(2)}</sup>"
    if name == "mfrac":
        return f"{_grouped(node.at(0))}/{_grouped(node.at(1))}"
    if name == "msqrt":
        return f"√{_grouped(''.join(node.parts))}"
    if name == "mroot":
        return f"<sup>{node.at(1)}</sup>√{_grouped(node.at(0))}"
    return (" " if name in ("mtr", "mtd") else "").join(node.parts)


def _grouped(part: str) -> str:
    return part if part.isalnum() else f"({part})"
