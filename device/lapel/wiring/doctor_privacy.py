"""Hunts for faces on a device: marked ones through a watch of its own, the walls tried, kept pictures looked at."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

import lapel
from lapel.errors import LapelError
from lapel.hunt.pictures import Grey, films, pictures
from lapel.hunt.scene import write_film
from lapel.hunt.search import Search
from lapel.infer.finders import SureFaceFinder
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from lapel.ports import KeyProvider
from lapel.wiring.doctor import Patient, Verdict
from lapel.wiring.hunting import FRAMES, Hunted, Opener, hunt

# Where raw pixels are, and the modules that open sockets: the contract of pyproject.toml, as far as a device can tell.
RAW_PLACES = ("capture", "clips", "infer", "core", "hunt", "lookout.py", "matching.py")
SOCKET_MODULES = frozenset(
    {"socket", "_socket", "ssl", "asyncio", "http", "urllib", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib"}
    | {"xmlrpc", "socketserver", "wsgiref", "webbrowser", "logging", "multiprocessing", "subprocess", "paho"}
    | {"selectors", "requests", "aiohttp"}
)
_WALLED = (
    "import socket; from lapel.wiring.walls import forbid_network; forbid_network(); socket.socket(socket.AF_INET)"
)
# Above what capture destroys at, since kept pictures are looked at in other sizes than the frames that they are from.
_FACE_SCORE = 0.6
_MOST_PICTURES = 500


def examine_privacy(patient: Patient, options: Sequence[str], list_keys: KeyProvider | None) -> Iterator[Verdict]:
    """One verdict a check. ``options`` are those of ``lapel replay`` that make it watch as this device does."""
    yield _import_wall()
    yield _network_wall()
    with TemporaryDirectory(prefix="lapel-hunt-") as name:
        folder = Path(name)
        yield _searcher(folder)
        try:
            yield from verdicts_of(hunt(folder, patient.profile, options, list_keys))
        except LapelError as error:
            yield Verdict("leak hunt", False, str(error))
    if patient.state is not None and patient.keys is not None:
        try:
            yield _kept(patient.state, patient.keys(), Runtime(patient.profile.models.runtime))
        except LapelError as error:
            yield Verdict("kept pictures", False, str(error))


def imports_of_sockets(package: Path) -> Iterator[str]:
    """Imports of modules that open sockets in those places of a package where raw pixels are."""
    for place in RAW_PLACES:
        root = package / place
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            for node in ast.walk(ast.parse(path.read_bytes())):
                for name in _names(node):
                    if name.partition(".")[0] in SOCKET_MODULES:
                        yield f"{path.relative_to(package)}:{node.lineno}: import of {name}"  # type: ignore[attr-defined]


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def _import_wall() -> Verdict:
    found = list(imports_of_sockets(Path(lapel.__file__).parent))
    said = (
        f"{found[0]}; this is not the Lapel that was tested" if found else "nothing where pixels are imports a socket"
    )
    return Verdict("import wall", not found, said)


def _network_wall() -> Verdict:
    done = subprocess.run([sys.executable, "-c", _WALLED], capture_output=True, text=True, check=False)
    is_refused = done.returncode != 0 and "NetworkForbidden" in done.stderr
    said = "an Internet socket is refused" if is_refused else "an Internet socket opens; this is not the Lapel tested"
    return Verdict("network wall", is_refused, said)


def _searcher(folder: Path) -> Verdict:
    film = write_film(folder / "control.avi", 2)
    leaks = list(Search().content(film.name, film.read_bytes()))
    said = f"finds the marks in all {len(leaks)} frames of a film that was not redacted"
    return Verdict("searcher", len(leaks) == 2, said if len(leaks) == 2 else "does not find marks that are there")


def verdicts_of(hunted: Hunted) -> Iterator[Verdict]:
    """What a hunt showed. Of a watch that failed nothing was hunted, and no mark is no proof of anything."""
    is_whole = hunted.frames == FRAMES and hunted.alerts > 0 and not hunted.trouble
    trouble = "" if is_whole else hunted.trouble or "what is listed was not found in it"
    how = "with" if hunted.has_network else "without"
    watched = f"{hunted.frames} of {FRAMES} frames looked at, {hunted.alerts} alerts, {how} a network"
    yield Verdict("hunt's watch", is_whole, f"{watched}; {trouble}" if trouble else watched)
    searched = f"{hunted.files} files, {hunted.pictures} pictures"
    if hunted.leaks:
        places = ", ".join(leak.where for leak in hunted.leaks[:3])
        said = f"{len(hunted.leaks)} marked faces in {searched}: {places}; do not use it"
    elif is_whole:
        said = f"no marked face in {searched}"
    elif hunted.frames or hunted.pictures:
        said = f"hunted in part only, which proves nothing: no marked face in {searched}, but {trouble}"
    else:
        said = f"nothing was hunted, since the hunt's watch failed: {trouble}"
    yield Verdict("leak hunt", is_whole and not hunted.leaks, said)


def _kept(state: Path, keys: KeyProvider, runtime: Runtime) -> Verdict:
    finder = SureFaceFinder(ModelStore(runtime=runtime), _FACE_SCORE)
    seen, found, opener = 0, [], Opener(keys)
    for where, grey in islice(_pictures_in(state, opener), _MOST_PICTURES):
        seen += 1
        if finder.find(np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)):
            found.append(where)
    if found:
        return Verdict("kept pictures", False, f"{len(found)} of {seen} may show a face; look at them: {found[0]}")
    if opener.unopened:
        return Verdict("kept pictures", False, opener.unopened[0])
    which = f"the first {seen}" if seen == _MOST_PICTURES else f"{seen}"
    return Verdict("kept pictures", True, f"no face is found in {which} of them")


def _pictures_in(state: Path, opener: Opener) -> Iterator[tuple[str, Grey]]:
    """Every picture of every file, films of clips included, and where it is."""
    for path in sorted(state.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = opener(path)
            for where, grey in chain(pictures(content), films(content)):
                yield f"{path.relative_to(state)} › {where}", grey
