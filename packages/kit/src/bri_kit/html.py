"""Text as editors send it and readers get it: HTML made safe, from Markdown, to plain text."""

import re
from html import unescape

import nh3
from markdown_it import MarkdownIt

_TAGS = set(
    "a abbr b blockquote br caption cite code dd del div dl dt em figcaption figure h2 h3 h4 h5 h6"
    " hr i img ins li mark ol p pre q s small span strong sub sup table tbody td tfoot th thead tr"
    " u ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "title", "hreflang"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "*": {"lang", "dir"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
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
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_TOP_HEADING = re.compile(r"<(/?)h1\b", re.IGNORECASE)
_TAG = re.compile(r"<(/?\w*)[^>]*>")
_TEXT = re.compile(r"(?:^|>)(?:\s|&nbsp;)*(?!&nbsp;)[^<\s]")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_OTHER_SPACES = "\t\r\f\v\u00a0"
_BLANK_LINES = re.compile(r"\n[ \n]+")


def sanitise(html: str) -> str:
    """`html` without anything that could run or leave its box, and without control characters; the
    page's own title is its h1."""
    return _CLEANER.clean(_TOP_HEADING.sub(r"<\1h2", _CONTROLS.sub("", html)))


def from_markdown(text: str) -> str:
    """Sanitised HTML of CommonMark with tables; HTML in it goes the same way as any other."""
    return sanitise(_MARKDOWN.render(text))


def has_text(html: str) -> bool:
    """Whether sanitised HTML holds any text: as its plain text would tell, without making it."""
    return _TEXT.search(html) is not None


def plain_text(html: str) -> str:
    """The text of sanitised HTML, one line per block, for indexes and snippets."""
    if "<" in html:
        html = _TAG.sub(lambda tag: _SPACE_FOR.get(tag[1], ""), html)
    text = unescape(html)
    # Finding that nothing is to be done is several times cheaper than doing it at every space.
    if "  " in text or any(space in text for space in _OTHER_SPACES):
        text = _SPACES.sub(" ", text)
    return _BLANK_LINES.sub("\n", text.replace(" \n", "\n")).strip()
