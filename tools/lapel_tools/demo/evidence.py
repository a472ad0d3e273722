"""The demo's evidence: the bicycle's clip, exported and laid out for a glance, and another clip purged."""

from __future__ import annotations

import json
from pathlib import Path

import cv2

from lapel.core.records import RecordKind
from lapel_tools.demo.checks import Exported
from lapel_tools.demo.commands import program, read, run
from lapel_tools.demo.listing import BICYCLE

FILM, SHEET = "clip.avi", "clip.jpg"
_REASON = ["--by", "the demo", "--why", "to show what is kept of an alert"]


def exported(sealed: list[str], other: list[str], out: Path) -> Exported | None:
    """Export the bicycle's clip of the state that ``sealed`` opens, and purge the latest one of ``other``; None where
    there is no clip of the bicycle. Raises: CommandFailed."""
    lapel = [program("lapel"), "clip"]
    listed = [json.loads(line) for line in read([*lapel, "list", *sealed, "--json"]).splitlines()]
    clip = next((each for each in listed if BICYCLE in each["entries"].split()), None)
    if clip is None:
        return None
    run([*lapel, "export", clip["clip"], str(out / FILM), *_REASON, *sealed])
    run([*lapel, "show", clip["clip"], str(out / SHEET), *_REASON, *sealed])
    run([*lapel, "purge", "latest", *_REASON, *other])
    return Exported(
        clip["from_s"],
        clip["from_s"] + clip["seconds"],
        clip["stills"],
        _pictures(out / FILM),
        _recorded(sealed, RecordKind.EXPORT),
        _recorded(other, RecordKind.PURGE),
    )


def _pictures(path: Path) -> int:
    film, count = cv2.VideoCapture(str(path)), 0
    while film.read()[0]:
        count += 1
    return count


def _recorded(sealed: list[str], kind: RecordKind) -> int:
    shown = read([program("lapel"), "audit", "show", *sealed, "--json", "--limit", "1000"])
    return sum(json.loads(line)["kind"] == kind.value for line in shown.splitlines())
