"""Whether a body is, without any doubt, what the sanitiser would give; much cheaper than asking it.

What is stored was sanitised by those who wrote it, nearly always, and a proof takes a tenth of the
time of a parser. The proof is conservative: what it does not recognise is unproven, not unsafe.

Rules:
- text holds no control characters, no `>`, and `&` only where it begins a reference that a
  serialiser writes;
- tags are lower case and of the allowed elements, with the allowed attributes in double quotes;
  links are absolute and carry the `rel` that the sanitiser adds;
- elements are well-nested, at most `html_nesting.MAX_DEPTH` deep, and each where a parser leaves
  it: no block in a paragraph, no link in a link, items in lists, cells in rows.
"""

import re

from bri_kit.html_nesting import MAX_DEPTH, WRITTEN

_TAG = re.compile(r'<(/?+)([a-z][a-z0-9]*+)((?: [a-z]++="[^"<>]*+")*+)>')
_LOST_LINE = re.compile(r"<pre[^<>]*+>\n")
_NO_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|nbsp|quot);)")
_PLAIN = bytes({9, 10, *range(32, 127), *range(128, 256)} - set(b"<>&"))
"""All bytes of UTF-8 but those of markup and of control characters; carriage returns are no plain
text either, for parsers make them line feeds."""
_TEXT = r'="[^"<>]*+"'
_ADDRESS = r'="(?:https?://|mailto:)[!#-;=?-\[\]-~]*+"'
_SHARED = r'(?: (?:lang|dir)="[A-Za-z0-9-]{1,35}+")*+'
_NUMBER = r'="[0-9]{1,4}+"'
_ATTRIBUTES = {
    "a": re.compile(
        rf'(?: href{_ADDRESS})?+(?: title{_TEXT})?+{_SHARED} rel="noopener noreferrer"'
    ),
    "abbr": re.compile(rf"(?: title{_TEXT})?+{_SHARED}"),
    "img": re.compile(
        rf"(?: src{_ADDRESS})?+(?: alt{_TEXT})?+(?: title{_TEXT})?+"
        rf"(?: (?:width|height){_NUMBER}){{0,2}}+"
    ),
    "td": re.compile(rf"(?: (?:colspan|rowspan){_NUMBER}){{0,2}}+{_SHARED}"),
    "th": re.compile(
        rf'(?: (?:colspan|rowspan){_NUMBER}){{0,2}}+(?: scope="(?:row|col)")?+{_SHARED}'
    ),
}
_ANY = re.compile(_SHARED)
_VOID = frozenset(("br", "hr", "img"))
_BLOCKS = frozenset(
    "blockquote dd div dl dt figcaption figure h2 h3 h4 h5 h6 hr li ol p pre table ul".split()
)
_HEADINGS = frozenset("h2 h3 h4 h5 h6".split())
_INLINE = WRITTEN - _BLOCKS
_PARENTS = {
    "li": frozenset(("ul", "ol")),
    "dt": frozenset(("dl",)),
    "dd": frozenset(("dl",)),
    "caption": frozenset(("table",)),
    "thead": frozenset(("table",)),
    "tbody": frozenset(("table",)),
    "tfoot": frozenset(("table",)),
    "tr": frozenset(("thead", "tbody", "tfoot")),
    "td": frozenset(("tr",)),
    "th": frozenset(("tr",)),
}
_ONLY_THEIR_OWN = frozenset("table thead tbody tfoot tr ul ol dl".split())
"""Elements in which nothing stands but what `_PARENTS` has in them."""


def is_sanitised(html: str) -> bool:
    """Whether `html` is proven to be as the sanitiser would leave it."""
    try:
        # Most of a body is plain text; what is left without it is short, and cheap to look at.
        marks = html.encode().translate(None, _PLAIN)
    except UnicodeEncodeError:
        return False
    opened, closed, references = map(marks.count, (b"<", b">", b"&"))
    if opened + closed + references < len(marks) or opened != closed:
        return False
    # A serialiser writes a no-break space as a reference.
    if "\u00a0" in html or "\ufffe" in html or "\uffff" in html:
        return False
    if references and _NO_REFERENCE.search(html):
        return False
    tags = _TAG.findall(html) if opened else []
    return len(tags) == opened and _is_nested(tags) and not _loses_a_line(html, tags)


def _loses_a_line(html: str, tags: list[tuple[str, str, str]]) -> bool:
    """Whether a line break follows <pre>, which parsers drop."""
    return any(name == "pre" for _, name, _ in tags) and bool(_LOST_LINE.search(html))


def _is_nested(tags: list[tuple[str, str, str]]) -> bool:
    open_: list[str] = []
    parent = ""
    for slash, name, attributes in tags:
        if slash:
            if name != parent or attributes:
                return False
            open_.pop()
            parent = open_[-1] if open_ else ""
            continue
        if (parent, name) not in _PAIRS or (name == "a" and "a" in open_):
            return False
        if (attributes or name == "a") and not _ATTRIBUTES.get(name, _ANY).fullmatch(attributes):
            return False
        if name not in _VOID:
            open_.append(name)
            parent = name
            if len(open_) > MAX_DEPTH:
                return False
    return not open_


def _may_stand(name: str, parent: str) -> bool:
    if name in _PARENTS:
        return parent in _PARENTS[name]
    if parent in _ONLY_THEIR_OWN:
        return False
    # A block that stands in inline markup is moved by parsers in too many ways to tell here.
    return name not in _BLOCKS or not (parent in _INLINE or parent in _HEADINGS or parent == "p")


_PAIRS = frozenset(
    (parent, name) for parent in (*WRITTEN, "") for name in WRITTEN if _may_stand(name, parent)
)
"""Elements that stand in each other, and those that stand in none (their parent is empty)."""
