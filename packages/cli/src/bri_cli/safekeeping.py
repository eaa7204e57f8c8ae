"""Making a backup of a data folder, whatever runs on it, and putting it back elsewhere.

Rules:
- each database is copied as it was at one moment; a key is copied with the database that names it,
  and both again should the key change in between;
- a backup is put back into an empty folder alone, and shows there once all of it was compared;
- what was revoked since does not come to life again (`revocations`).
"""

import errno
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bri_cli import layout
from bri_cli.holdings import Holding, holding, holdings, marks
from bri_cli.outcome import CommandFailed, NotBegun
from bri_cli.revocations import InForce, carry_over
from bri_kit import backup, backup_database, clock, database, migrations
from bri_kit.backup import BackupFailed, BackupUnusable, Part
from bri_kit.backup_database import POSTGRESQL
from bri_kit.unusable import DatabaseUnusable

_ATTEMPTS = 5
_STAGED = ".restoring"


class NotBackedUp(CommandFailed):
    """There is no backup."""


def back_up(data: Path, target: Path) -> Sequence[Holding]:
    """Write a backup of the folder `data` to the file `target`; answers what is in it.

    Raises:
        NotBegun: there is nothing to back up, or something at `target`.
        NotBackedUp: it could not be written or read; there is nothing at `target`.
        DatabaseUnusable: a database is newer than this software, or cannot be opened.
    """
    if target.exists():
        raise NotBegun(f"{target} is there already; choose another name")
    found = holdings(data)
    try:
        with backup.stage(target) as folder:
            parts = [Part(path.name, path) for path in marks(data)]
            told = []
            for number, each in enumerate(found):
                place = folder / str(number)
                place.mkdir()
                told.append(_take(each, place))
                parts += [Part(_called(each, path), path) for path in sorted(place.iterdir())]
            about = {"made_at": clock.timestamp(), "version": layout.DATA_VERSION, "holds": told}
            backup.pack(target, folder, parts, about)
    except (BackupFailed, OSError) as error:
        raise NotBackedUp(f"no backup was made: {error}") from None
    return found


def _called(each: Holding, path: Path) -> str:
    return f"{each.name}/{path.name}" if each.name else path.name


def _take(each: Holding, place: Path) -> dict[str, Any]:
    """Copy a service's database and files to `place`; answers what there is to say of them."""
    engine = database.connect(each.address)
    try:
        revision = migrations.found(engine, each.schema)
    finally:
        engine.dispose()
    for _ in range(_ATTEMPTS):
        before = _contents(each)
        copy = place / each.database_name
        copy.unlink(missing_ok=True)
        backup_database.save(each.address, copy)
        if _contents(each) == before:
            break
    for name, (content, mode) in before.items():
        (place / name).write_bytes(content)
        (place / name).chmod(mode)
    kind = backup_database.kind(each.address)
    return {"name": each.name, "of": each.schema.name, "database": kind, "revision": revision}


def _contents(each: Holding) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mode & 0o700) for path in each.files}


def restore(
    source: Path, data: Path, former: Path | None = None, *, ends_all: bool = False
) -> Sequence[InForce]:
    """Put the backup in the file `source` back into the empty folder `data`; answers what is valid
    again in it. What was revoked since is taken over from the folder `former` that it replaces;
    with `ends_all` nothing stays valid.

    Raises:
        NotBegun: the folder is not empty, the file is no backup, is damaged or newer, `former`
            does not hold the same, or a PostgreSQL database that it needs is not there and empty;
            nothing was changed.
        CommandFailed: the disk is full, say, or a database did not take it.
    """
    _refuse_occupied(data)
    is_new = not data.exists()
    try:
        with _staged(data) as folder:
            contents = backup.unpack(source, folder)
            found = _checked(contents, folder, data)
            valid = [_put_back(each, folder, former, ends_all=ends_all) for each in found]
            _show(folder, data)
    except (BackupUnusable, DatabaseUnusable, NotBegun) as error:
        _undo(data, is_new)
        raise NotBegun(str(error)) from None
    except (BackupFailed, OSError) as error:
        _undo(data, is_new)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise CommandFailed(f"nothing was restored to {data}: {reason}") from None
    return valid


def _put_back(each: Holding, folder: Path, former: Path | None, *, ends_all: bool) -> InForce:
    """Have a service's database be as it is to be found, what was revoked since among it."""
    dump = folder / each.name / each.database_name
    address = f"sqlite:///{dump}"
    if backup_database.kind(each.address) == POSTGRESQL:
        backup_database.restore(each.address, dump)
        dump.unlink()
        address = each.address
    return carry_over(each, address, former, ends_all=ends_all)


def _refuse_occupied(data: Path) -> None:
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise NotBegun(f"{data} is not empty; a backup is restored to an empty folder")


@contextmanager
def _staged(data: Path) -> Iterator[Path]:
    """A folder within `data`, so that it is on the same disk also where that is a mount."""
    folder = data / _STAGED
    data.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _checked(contents: dict[str, Any], folder: Path, data: Path) -> Sequence[Holding]:
    """The holdings of what was unpacked, as they are to be in `data`. Raises BackupUnusable."""
    if contents["version"] not in layout.REVISIONS:
        raise BackupUnusable("the backup was made by newer software")
    found = []
    for told in contents["holds"]:
        if told["name"] not in ("", Path(told["name"]).name):
            raise BackupUnusable("the backup names folders that cannot be")
        each = holding(told["name"], data / told["name"], told["of"])
        if told["revision"] not in each.schema.revisions:
            raise BackupUnusable(f"the backup's database of {told['of']!r} is newer than this")
        if told["database"] != backup_database.kind(each.address):
            raise BackupUnusable(_other_kind(each, told["database"]))
        if told["database"] == POSTGRESQL:
            backup_database.check_restorable(each.address)
        else:
            backup_database.check_sqlite(folder / each.name / each.database_name)
        found.append(each)
    return found


def _other_kind(each: Holding, kind: str) -> str:
    variable = f"BRI_{each.schema.name.upper()}_DATABASE_URL"
    if kind == POSTGRESQL:
        return f"it holds a PostgreSQL database; let {variable} name an empty one"
    return f"it holds a SQLite database, but {variable} is set"


def _show(folder: Path, data: Path) -> None:
    """Have what was staged be where it belongs; the version comes last."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == "VERSION"):
        path.rename(data / path.name)


def _undo(data: Path, is_new: bool) -> None:
    if is_new:
        try:
            data.rmdir()
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY):
                raise
