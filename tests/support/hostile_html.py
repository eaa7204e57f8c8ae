"""HTML that costs a parser, or an expression, more than its length; and a process that counts.

`python -m tests.support.hostile_html DOOR` has each shape pass a door, each within SECONDS of
processor time, whatever else the machine does. What takes longer is killed by the kernel, and the
last line of the output names it.
"""

import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

SIZE = 160_000
"""Characters of each text: linear work takes some tenths of a second, quadratic work much more."""
SECONDS = 10


def _many(unit: str) -> Callable[[int], str]:
    return lambda size: unit * (size // len(unit))


def _numbered(unit: str) -> Callable[[int], str]:
    return lambda size: "".join(unit.format(n) for n in range(size // len(unit)))


SHAPES: Mapping[str, Callable[[int], str]] = {
    "divs": _many("<div>"),
    "divs and text": lambda size: "<div>" * (size // 5) + "x",
    "tables": _many("<table><td>"),
    "bare tables": _many("<table>"),
    "text in a table": lambda size: "<table>" + "x<b>x</b>" * (size // 9),
    "bold": _many("<b>"),
    "links": _many("<a href=x>"),
    "fonts": _many("<font>"),
    "bold paragraphs": _numbered("<p><b lang=x{0}>x"),
    "misnested": _many("<b><i></b></i>"),
    "deep and misnested": lambda size: "<b>" + "<i>" * 95 + "x</b><b>" * (size // 8),
    "blocks in bold": lambda size: "<b>" * 20 + "<div>" * 70 + "</b>x" * (size // 5),
    "deep paragraphs": lambda size: "<div>" * 99 + "<p>x" * (size // 4),
    "paragraphs": _many("<p>x"),
    "items": lambda size: "<ul>" + "<li>x" * (size // 5),
    "lists": _many("<ul><li>x"),
    "ruby": _many("<ruby><rt>"),
    "selects": _many("<select><option>"),
    "drawings": _many("<svg><g>"),
    "formulas": _many("<math><mi>"),
    "templates": _many("<template>"),
    "scripts": _many("<script>"),
    "unfinished scripts": _many("<script></script"),
    "raw text": lambda size: "<textarea>" * (size // 10) + "</textarea",
    "less-than": _many("<"),
    "ampersands": _many("&"),
    "references": _many("&nbsp;"),
    "comments": _many("<!--"),
    "ends in comments": _many("<!-- </div> --><div>"),
    "declarations": _many("<![CDATA["),
    "conditions": _many("<!--[if"),
    "attributes": lambda size: "<p " + " ".join(f"a{n}=1" for n in range(size // 8)) + ">x",
    "unfinished attributes": _many('<p a="'),
    "hidden ends": _many('<p ="><div>">'),
    "long name": lambda size: "<" + "a" * size,
    "list paragraphs": _many("<p class=MsoListParagraph"),
    "bullets": lambda size: "<p class=MsoListParagraph>" + "&nbsp;" * (size // 6),
    "pictures": _many("<img src=data:"),
    "image data": _many("data:image/png;base64,"),
    "spaces": lambda size: "x" + " " * size + "x",
    "wide spaces": lambda size: "x" + "\u3000" * size + "x",
    "spaces in code": lambda size: "<pre>x" + " " * size + "x</pre>",
    "blanks in code": lambda size: "<pre>x" + (" " * 90 + "<b></b>") * (size // 97) + "x</pre>",
    "lines in code": lambda size: "<pre>x" + ("\n" * 90 + "<b></b>") * (size // 97) + "x</pre>",
    "spaces and tags": _many("x  <b> </b>  "),
    "underscores": _many("_"),
    "stars": _many("*a"),
    "backticks": _many("`"),
    "hashes": _many("\n#"),
    "lines": lambda size: "<pre>" + "\n" * size + "x",
}


DOORS = ("sanitise", "too deep", "has text", "plain text", "paste", "open")


def _doors() -> Mapping[str, Callable[[str], object]]:
    from bri_kit import html
    from bri_node.desk import cleaning

    return {
        "sanitise": html.sanitise,
        "too deep": html.is_too_deep,
        "has text": html.has_text,
        "plain text": html.plain_text,
        "paste": cleaning.clean,
        "open": lambda body: cleaning.to_markdown(html.sanitise(body)),
    }


def survives(door: str) -> str:
    """What a process said at the end that had every shape pass `door`: `done`, or the shape that
    it did not survive."""
    command = [sys.executable, "-m", "tests.support.hostile_html", door]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.stdout.strip().rpartition("\n")[2] or ended.stderr


def main(door: str) -> None:
    """Have every shape pass, and say which is about to."""
    from bri_kit.errors import BriError
    from bri_kit.html_nesting import TooDeep

    function = _doors()[door]
    for name, make in SHAPES.items():
        print(name, flush=True)
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        with suppress(TooDeep, BriError):
            function(make(SIZE))
    print("done")


if __name__ == "__main__":
    main(sys.argv[1])
