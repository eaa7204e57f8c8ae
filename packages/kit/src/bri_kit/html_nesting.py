"""HTML made well-nested, in one pass, before a parser sees it that is not linear in depth.

HTML's own parsing algorithm walks its stack of open elements for most tags and opens unclosed
formatting again in every block, so its cost is the length times the depth, and more. Here the
depth is bounded first.

Rules:
- an element that HTML closes by itself (`p`, `li`, `td` ...) is closed explicitly; an end tag
  without its element is left out; what is open at the end is closed;
- where inline formatting ends across other elements these are closed and opened again, at most
  MAX_REOPENED times in a text; formatting that is open where its block ends, ends there;
- elements of a table do not close what is outside the table, and what stands in a table outside its
  cells is given one;
- only the elements in `WRITTEN` are written, but all of them count;
- more than MAX_DEPTH open elements are a fault, and the text is not read any further.
"""

from bri_kit.html_tokenizer import NONE, Attributes, tokenize, write

MAX_DEPTH = 100
MAX_REOPENED = 1_000

WRITTEN = frozenset(
    "a abbr b blockquote br caption cite code dd del div dl dt em figcaption figure h2 h3 h4 h5 h6"
    " hr i img ins li mark ol p pre q s small span strong sub sup table tbody td tfoot th thead tr"
    " u ul".split()
)
_VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track"
    " wbr".split()
)
_UNSEEN = frozenset(
    "body button form frameset head html math noscript optgroup option plaintext select".split()
)
"""Elements that would change how the rest is parsed; their content is read as if they were not."""
_FORMATTING = frozenset(
    "a abbr b big cite code del em font i ins mark nobr q s small span strike strong sub sup tt"
    " u".split()
)
_ENDS_PARAGRAPH = frozenset(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p pre search"
    " section summary table ul".split()
)
_CELLS = frozenset(("td", "th", "caption"))
_SCOPES = _CELLS | {"table", "object", "applet", "marquee"}
_LISTS = frozenset("ul ol menu dir dl".split())
_TABLE_PARTS = frozenset("caption colgroup tbody td tfoot th thead tr".split())
_TABLE = frozenset(("table",))
_GROUPS = frozenset("tbody thead tfoot".split())
_ROWS_ONLY = _TABLE | _GROUPS | {"tr", "colgroup"}
_IN_TABLES = _TABLE_PARTS | {"col"}
_HEADINGS = frozenset("h2 h3 h4 h5 h6".split())
_RUBY = frozenset("rb rt rtc rp".split())

_CLOSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "a": (frozenset(("a",)), _SCOPES),
    "nobr": (frozenset(("nobr",)), _SCOPES),
    "li": (frozenset(("li",)), _SCOPES | _LISTS),
    "dd": (frozenset(("dd", "dt")), _SCOPES | _LISTS),
    "dt": (frozenset(("dd", "dt")), _SCOPES | _LISTS),
    "td": (_CELLS | {"colgroup"}, frozenset(("table", "tr"))),
    "th": (_CELLS | {"colgroup"}, frozenset(("table", "tr"))),
    "tr": (_CELLS | {"tr", "colgroup"}, _TABLE | _GROUPS),
    **dict.fromkeys((*_GROUPS, "caption", "colgroup"), (_TABLE_PARTS, _TABLE)),
    **dict.fromkeys(_RUBY, (_RUBY, _SCOPES | {"ruby"})),
}
"""What a start tag closes, with all that is open in it, and where looking for it ends."""
_PARAGRAPH = (frozenset(("p",)), _SCOPES)


class TooDeep(ValueError):
    """More elements are open inside each other than MAX_DEPTH."""


def balance(html: str, depth: int = MAX_DEPTH) -> str:
    """`html` well-nested.

    Raises:
        TooDeep: its elements are nested deeper than `depth`.
    """
    return _Balancer(depth).balance(html)


class _Balancer:
    """The stack of open elements: their names, and the start tags that open them again."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._names: list[str] = []
        self._starts: list[str] = []
        self._written: list[str] = []
        self._reopened = 0

    def balance(self, html: str) -> str:
        for token in tokenize(html):
            name = token.name
            if not name:
                is_blank = not token.text or token.text.isspace()
                if self._names and self._names[-1] in _ROWS_ONLY and not is_blank:
                    self._open_cell()
                self._written.append(token.text)
            elif name[0] == "/":
                self._end("h2" if name == "/h1" else name[1:])
            elif name not in _UNSEEN:
                self._start("h2" if name == "h1" else name, token.attributes)
        self._close(0)
        return "".join(self._written)

    def _start(self, name: str, attributes: Attributes) -> None:
        if self._names:
            if name in _ENDS_PARAGRAPH and "p" in self._names:
                self._close_near(*_PARAGRAPH)
            if name in _HEADINGS and self._names and self._names[-1] in _HEADINGS:
                self._close(len(self._names) - 1)
            if name in _CLOSES:
                self._close_near(*_CLOSES[name])
            if name not in _IN_TABLES and self._names and self._names[-1] in _ROWS_ONLY:
                self._open_cell()
        start = write(name, attributes) if name in WRITTEN else ""
        if name in _VOID:
            self._written.append(start)
        else:
            self._open(name, start)

    def _open(self, name: str, start: str) -> None:
        if len(self._names) >= self._depth:
            raise TooDeep(f"elements are nested deeper than {self._depth}")
        self._names.append(name)
        self._starts.append(start)
        self._written.append(start)

    def _open_cell(self) -> None:
        """Give a cell to what stands in a table outside its cells: parsers would move it before
        the table, each time past all that was moved before."""
        if self._names[-1] == "colgroup":
            self._close(len(self._names) - 1)
        if self._names[-1] != "tr":
            self._open("tr", "<tr>")
        self._open("td", "<td>")

    def _end(self, name: str) -> None:
        if name == "br":
            self._start(name, NONE)
        place = self._find(name)
        if place < 0:
            return
        again = list(zip(self._names[place + 1 :], self._starts[place + 1 :], strict=True))
        self._close(place)
        if name in _FORMATTING and self._reopened + len(again) <= MAX_REOPENED:
            self._reopened += len(again)
            for other, start in again:
                self._open(other, start)

    def _find(self, name: str) -> int:
        """Where the element is that an end tag closes; -1 where it closes none."""
        names = self._names
        if name not in names:
            return -1
        scopes = _SCOPES
        if name in _TABLE_PARTS:
            scopes = _TABLE
        elif name == "table":
            scopes = frozenset()
        for place in range(len(names) - 1, -1, -1):
            if names[place] == name:
                return place
            if names[place] in scopes:
                return -1
        return -1

    def _close_near(self, wanted: frozenset[str], scopes: frozenset[str]) -> None:
        """Close the outermost of `wanted` that is open within the innermost of `scopes`."""
        outermost = -1
        for place in range(len(self._names) - 1, -1, -1):
            if self._names[place] in wanted:
                outermost = place
            elif self._names[place] in scopes:
                break
        if outermost >= 0:
            self._close(outermost)

    def _close(self, place: int) -> None:
        while len(self._names) > place:
            name = self._names.pop()
            self._starts.pop()
            if name in WRITTEN:
                self._written.append(f"</{name}>")
