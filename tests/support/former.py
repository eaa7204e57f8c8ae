"""The data folder of `bri up` as version 1 of this software left it.

`version-1.tar.xz` was made by that version itself: the samples of two centres, a retraction, a
draft, a revision that was not published, an answer kept for a repeated request, and tokens.
"""

import tarfile
from pathlib import Path

_ARCHIVE = Path(__file__).parents[1] / "data" / "version-1.tar.xz"


def unpack(folder: Path) -> Path:
    """Lay it out in `folder`, which is answered."""
    folder.mkdir(parents=True)
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder
