"""A list as a table and photos: plain for other programs, or each file sealed by the list's key."""

from __future__ import annotations

import csv
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from lapel.core.codes import why_never_read
from lapel.core.gallery import Gallery
from lapel.core.things import Entry
from lapel.errors import Refused, UsageError
from lapel.ports import KeyProvider
from lapel.store.atomic import write_whole
from lapel.store.sealed import read_sealed, write_sealed
from lapel_tools.watchlist.own_key import drawn_key, own_key
from lapel_tools.watchlist.standing import listed
from lapel_tools.watchlist.table import COLUMNS

TABLE = "table.csv"
PHOTOS = "photos"
_KEY, _SEALED = "export.key", ".sealed"
_KEY_PURPOSE, _PURPOSE = "key of an export", "export"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MEMORY, _OPENED = Path("/dev/shm"), "lapel-opened-"


def export(gallery: Gallery, folder: Path, keys: KeyProvider | None) -> int:
    """Write table and photos into a folder that is not there yet; returns how many entries. Plain without ``keys``.

    The folder appears whole or not at all. Raises: UsageError, StoreError.
    """
    if folder.exists():
        raise UsageError(f"{folder}: is there already; name a folder that is not")
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        (draft / PHOTOS).mkdir(mode=0o700)
        put = _plain(draft) if keys is None else _sealing(draft, keys)
        rows: list[tuple[Entry, tuple[str, ...]]] = []
        for entry, references in listed(gallery):
            if entry.id in gallery.decoys:
                continue
            # A sealed file's name tells nothing; one of a plain export leads to its entry, and never out of the folder.
            stem = entry.id if keys is None and _NAME.fullmatch(entry.id) else f"{len(rows) + 1:06d}"
            names = tuple(f"{PHOTOS}/{stem}-{number}.jpg" for number in range(1, len(references) + 1))
            for name, reference in zip(names, references, strict=True):
                put(name, reference.picture)
            rows.append((entry, names))
        put(TABLE, _table(rows).encode())
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return len(rows)


def is_sealed_export(path: Path) -> bool:
    """Whether a folder is a sealed export."""
    return (path / _KEY).is_file()


@contextmanager
def unsealed(table: Path, keys: Callable[[], KeyProvider]) -> Iterator[tuple[Path, Path]]:
    """A table and its folder of photos; those of a sealed export, opened into memory for so long.

    Raises: WrongKey, Tampered, Refused, StoreError.
    """
    if not is_sealed_export(table):
        yield table, table.parent
        return
    held = own_key(table / _KEY, keys(), _KEY_PURPOSE, "export the list again")
    memory = _MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())
    _remove_left_over(memory)
    with tempfile.TemporaryDirectory(prefix=f"{_OPENED}{os.getpid()}-", dir=memory) as name:
        folder = Path(name)
        (folder / PHOTOS).mkdir()
        for sealed in sorted(table.rglob(f"*{_SEALED}")):
            plain = folder / sealed.relative_to(table).with_suffix("")
            plain.write_bytes(read_sealed(sealed, held, f"{_PURPOSE} {plain.relative_to(folder)}"))
        if not (folder / TABLE).is_file():
            raise Refused(f"{table}: its table is gone; export the list again")
        yield folder / TABLE, folder


def _remove_left_over(memory: Path) -> None:
    """What a killed import opened: its process, which the name tells, is there no more."""
    for folder in memory.glob(f"{_OPENED}*-*"):
        process = folder.name.removeprefix(_OPENED).partition("-")[0]
        if process.isdecimal() and not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays: it is theirs to remove


def _table(rows: list[tuple[Entry, tuple[str, ...]]]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, tuple(COLUMNS), lineterminator="\n")
    writer.writeheader()
    for entry, names in rows:
        values = {name: getattr(entry, name) for name in COLUMNS if name != PHOTOS}
        values |= {
            "kind": entry.kind.value,
            "codes": ";".join(code for code in entry.codes if why_never_read(code) is None),
        }
        writer.writerow(values | {PHOTOS: ";".join(names)})
    return out.getvalue()


def _plain(folder: Path) -> Callable[[str, bytes], None]:
    return lambda name, content: write_whole(folder / name, [content])


def _sealing(folder: Path, keys: KeyProvider) -> Callable[[str, bytes], None]:
    held = drawn_key(folder / _KEY, keys, _KEY_PURPOSE)
    # The name is part of the purpose: a photo does not open in the place of another.
    return lambda name, content: write_sealed(folder / f"{name}{_SEALED}", [content], held, f"{_PURPOSE} {name}")
