"""Text as editors send it and readers get it: HTML made safe, from Markdown, to plain text.

Rules:
- bodies are sanitised once, where they are taken in: by a node before it signs, by the hub when an
  entry arrives; nothing is sanitised because somebody reads it;
- all work is linear: what a parser sees is at most `html_nesting.MAX_DEPTH` deep and has few
  attributes a tag;
- whoever makes the rules stricter raises RULES, and the hub looks at what it holds again.
"""

import re
from html import escape, unescape

import nh3
from markdown_it import MarkdownIt

from bri_kit.html_nesting import MAX_DEPTH, WRITTEN, TooDeep, balance
from bri_kit.html_proof import is_sanitised

__all__ = [
    "MAX_DEPTH",
    "RULES",
    "WRITTEN",
    "TooDeep",
    "is_sanitised",
    "is_too_deep",
    "sanitise",
    "sanitise_any",
]

RULES = 1
"""The version of what `sanitise` lets pass."""
_ATTRIBUTES = {
    "a": {"href", "title", "hreflang"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "*": {"lang", "dir"},
}
_CLEANER = nh3.Cleaner(
    tags=set(WRITTEN),
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_BLOCKS = "p div h1 h2 h3 h4 h5 h6 li tr blockquote figcaption caption pre dd dt".split()
_SPACE_FOR = dict.fromkeys(("br", "hr", *(f"/{block}" for block in _BLOCKS)), "\n") | dict.fromkeys(
    ("/td", "/th"), " "
)
"""What stands in plain text where a tag stood; nothing for any other."""
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Possessive, and with an end that may be missing, so that each `<` is read once (CPython 3.11).
_TAG = re.compile(r"<(/?+\w*+)[^>]*+(>?+)")
_TEXT = re.compile(r"(?:^|>)(?:\s|&nbsp;)*+(?!&nbsp;)[^<\s]")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_OTHER_SPACES = "\t\r\f\v\u00a0"
_BLANK_LINES = re.compile(r"\n[ \n]+")


def sanitise(html: str) -> str:
    """`html` without anything that could run or leave its box, and without control characters; the
    page's own title is its h1.

    Raises:
        TooDeep: its elements are nested deeper than MAX_DEPTH.
    """
    if is_sanitised(html):
        return html
    return _CLEANER.clean(balance(_CONTROLS.sub("", html)))


def sanitise_any(html: str) -> str:
    """The same of HTML that nobody can be asked to correct: what is nested too deep becomes
    paragraphs of its text."""
    try:
        return sanitise(html)
    except TooDeep:
        lines = plain_text(html).split("\n")
        return sanitise("".join(f"<p>{escape(line, quote=False)}</p>" for line in lines))


def is_too_deep(html: str) -> bool:
    """Whether elements are nested deeper than MAX_DEPTH."""
    # A tag in a table, outside its cells, opens a row and a cell besides its own element.
    if 3 * html.count("<") <= MAX_DEPTH or is_sanitised(html):
        return False
    try:
        balance(html)
    except TooDeep:
        return True
    return False


def from_markdown(text: str) -> str:
    """Sanitised HTML of CommonMark with tables; HTML in it goes the same way as any other.

    Raises:
        TooDeep: its elements are nested deeper than MAX_DEPTH.
    """
    return sanitise(_MARKDOWN.render(text))


def has_text(html: str) -> bool:
    """Whether sanitised HTML holds any text: as its plain text would tell, without making it."""
    return _TEXT.search(html) is not None


def plain_text(html: str) -> str:
    """The text of sanitised HTML, one line per block, for indexes and snippets."""
    if "<" in html:
        html = _TAG.sub(lambda tag: _SPACE_FOR.get(tag[1], "") if tag[2] else tag[0], html)
    text = unescape(html)
    # Finding that nothing is to be done is several times cheaper than doing it at every space.
    if "  " in text or any(space in text for space in _OTHER_SPACES):
        text = _SPACES.sub(" ", text)
    return _BLANK_LINES.sub("\n", text.replace(" \n", "\n")).strip()
