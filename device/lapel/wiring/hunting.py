"""The leak hunt on a device: a film of marked faces through a whole watch, and a search of all that it left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from lapel.config.profile import Profile
from lapel.core.gallery import Gallery
from lapel.errors import LapelError
from lapel.hunt.scene import thing, write_film
from lapel.hunt.search import Leak, Search
from lapel.ports import KeyProvider
from lapel.store import clips, journal, link_state
from lapel.store.database import open_database, store_errors
from lapel.store.gallery import write_gallery
from lapel.store.keys import KEY_FILE, FileKey
from lapel.store.sealed import read_sealed
from lapel.wiring.bench import made_up
from lapel.wiring.seeing import open_seeing

FRAMES = 75
"""Three seconds: enough for several alerts of both kinds, and for half a minute's hunt on a small board."""
MOST_LEAKS = 10
"""Whoever has found so many searches no further."""
_KEY = Path("state") / KEY_FILE
"""What seals all that the hunt's watch keeps, in the folder that it is made in."""
_LONGEST_S = 600.0
_DATABASES = {journal.JOURNAL: journal.PURPOSE, link_state.LINK: link_state.PURPOSE}
_SHARED = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
"""Where programs put files that they think nobody looks at."""


@dataclass(frozen=True, slots=True)
class Hunted:
    """What a hunt came to: how many of the film's frames were looked at, alerts, what was searched, what leaked.

    ``trouble`` is why the watch did not come to its end, or what did not open, empty where all is well; what could be
    searched was.
    """

    frames: int
    alerts: int
    files: int
    pictures: int
    leaks: tuple[Leak, ...]
    has_network: bool
    trouble: str


def hunt(
    folder: Path,
    profile: Profile,
    options: Sequence[str] = (),
    list_keys: KeyProvider | None = None,
    frames: int = FRAMES,
) -> Hunted:
    """Replay a film of marked faces by ``lapel replay`` with more ``options``, in an empty folder, and search that.

    ``list_keys`` seal the hunt's watchlist where a site names a key of its own. Raises: LapelError.
    """
    bait, ground = folder / "bait", folder / "ground"
    for each in (bait, ground, ground / "state", ground / "tmp"):
        each.mkdir(mode=0o700)
    keys = FileKey.create(ground / _KEY)
    film, watchlist = write_film(bait / "film.avi", frames), bait / "list.lapel"
    write_gallery(watchlist, bait_gallery(profile), list_keys or keys)
    isolated = isolation()
    command = (*isolated, sys.executable, "-m", "lapel.cli.main", "replay", str(film), *options)
    # By name: where the phone unlocks a device a key file that is merely there is refused.
    kept = ("--watchlist", str(watchlist), "--state", "state", "--key-file", str(_KEY), "--alerts", "alerts.jsonl")
    before = _shared_files()
    code = _run((*command, *kept, "--report", "page", "--quiet-s", "0", "--json"), ground)
    search, opener = Search(), Opener(keys)
    found = chain(search.folder(ground, opener), _in_shared(search, before))
    leaks = list(islice(found, MOST_LEAKS))
    outcome = {} if code != 0 else json.loads((ground / "stdout").read_bytes())
    why = _last_line(ground / "stderr")
    ended = f"it took more than {_LONGEST_S:.0f} s" if code is None else f"it ended with {code}: {why}" if code else ""
    trouble = "; ".join(filter(None, (ended, *opener.unopened)))
    passed, alerts = outcome.get("account", {}).get("passed", 0), outcome.get("alerts", 0)
    return Hunted(passed, alerts, search.files, search.pictures, tuple(leaks), not isolated, trouble)


def bait_gallery(profile: Profile) -> Gallery:
    """A list on which the film's thing and barcode are found."""
    seeing = open_seeing(profile)
    gallery = made_up(profile, 1)
    only = seeing.reference(gallery.entries[0].id, thing(), b"no picture")
    return replace(gallery, references=(only,))


class Opener:
    """Opens what is sealed. ``unopened`` says, a line each, what did not open: nobody knows what is in that."""

    def __init__(self, keys: KeyProvider) -> None:
        self._keys = keys
        self.unopened: list[str] = []

    def __call__(self, path: Path) -> bytes:
        """The bytes of a file as it lies there and, where it is a journal, the link's file or a clip, of what is
        sealed in it. Other sealed files hold no picture that a camera took."""
        content = path.read_bytes()
        try:
            if path.name in _DATABASES:
                return b"\n".join((content, *_cells(path, self._keys, _DATABASES[path.name])))
            if path.suffix == clips.ENDING:
                return content + bytes(read_sealed(path, self._keys, clips.PURPOSE))
        except LapelError as error:
            self.unopened.append(f"not searched, since it does not open: {error}")
        return content


def isolation() -> tuple[str, ...]:
    """What starts a program in an empty network of its own; nothing where the kernel lets nobody."""
    for prefix in (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net")):
        if shutil.which(prefix[0]) and _works(*prefix, "true"):
            return prefix
    return ()


def _works(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _cells(path: Path, keys: KeyProvider, purpose: str) -> Iterator[bytes]:
    connection = open_database(path, keys, purpose, read_only=True)
    try:
        with store_errors(path):
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            for table in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    yield from (cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
    finally:
        connection.close()


def _run(command: Sequence[str], ground: Path) -> int | None:
    """How a command ended; None where it was killed for taking too long."""
    kept = {name: value for name, value in os.environ.items() if name != "LAPEL_PASSPHRASE"}
    environment = kept | {"TMPDIR": str(ground / "tmp")}
    with (ground / "stdout").open("wb") as out, (ground / "stderr").open("wb") as err:
        try:
            return subprocess.run(
                command, cwd=ground, env=environment, stdout=out, stderr=err, timeout=_LONGEST_S, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return None


def _in_shared(search: Search, before: set[Path]) -> Iterator[Leak]:
    for path in sorted(_shared_files() - before):
        with suppress(OSError):  # other programs' files come and go
            yield from search.content(str(path), path.read_bytes())


def _shared_files() -> set[Path]:
    return {path for folder in _SHARED if folder.is_dir() for path in folder.iterdir() if path.is_file()}


def _last_line(path: Path) -> str:
    return (path.read_text(errors="replace").splitlines() or [""])[-1]
