"""Files that pages need: the stylesheet, the script, the emblem.

They are addressed by their content, so a browser may keep them for ever and never shows old ones.
"""

import mimetypes
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

from bri_kit.errors import NotFound

FOLDER = Path(__file__).parent / "static"
_EMBLEM_COLOUR = "#0f6b5c"
_FOREVER = "public, max-age=31536000, immutable"


@cache
def tag_of(name: str) -> str:
    """What of a file's content is in its address."""
    return sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.is_file())


def serve(name: str) -> Response:
    """A file, for as long as a browser likes.

    Raises:
        NotFound: there is no such file.
    """
    if name not in _names():
        raise NotFound(f"There is no file {name!r}.")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    content = (FOLDER / name).read_bytes()
    return Response(content, media_type=kind, headers={"Cache-Control": _FOREVER})


def serve_emblem(accent: str) -> Response:
    """The emblem in a site's own colour."""
    drawing = (FOLDER / "emblem.svg").read_text().replace(_EMBLEM_COLOUR, accent)
    return Response(drawing, media_type="image/svg+xml", headers={"Cache-Control": _FOREVER})
