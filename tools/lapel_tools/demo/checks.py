"""What the demo demands of its own outcome."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lapel.core.geometry import Box
from lapel_tools.demo.clip import BICYCLE_SHOT, bicycle_box, shot_of
from lapel_tools.demo.listing import BICYCLE, CLIP_THINGS, shots_of

LEAST_IOU = 0.4
LEAST_DISTANCE = 10  # frames from the reference's own, so that more than one picture is compared with itself
FEWEST_ENTRIES = 20
_A_STILL_S = 0.2  # the last still may be a fifth of a second old when the alert comes
_REFERENCE_FRAME = next(thing.frame for thing in CLIP_THINGS if thing.id == BICYCLE)


@dataclass(frozen=True, slots=True)
class Alerted:
    """An alert as its file says it. ``record`` is the sequence of its record, None where none was kept."""

    entry: str
    frame: int
    t_s: float
    box: Box
    record: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """One demand, whether it is met, and what was found. ``passed`` None: it could not be tried here."""

    demand: str
    passed: bool | None
    found: str


@dataclass(frozen=True, slots=True)
class Exported:
    """The bicycle's clip: what its record says, the ``pictures`` that a player finds in it, and what was recorded."""

    from_s: float
    to_s: float
    stills: int
    pictures: int
    exports: int
    purges: int


def read_alerts(path: Path) -> tuple[Alerted, ...]:
    """The alerts of a file of JSON lines."""
    return tuple(_alerted(line) for line in path.read_text().splitlines())


def check_listing(entries: int) -> Check:
    """Whether enough is listed."""
    return Check(f"at least {FEWEST_ENTRIES} things are listed", entries >= FEWEST_ENTRIES, f"{entries}")


def check_bicycle(alerts: tuple[Alerted, ...]) -> Check:
    """Whether the bicycle was alerted in its shot, where it is, away from its reference frame."""
    demand = f"{BICYCLE} is alerted in shot {BICYCLE_SHOT}, IoU ≥ {LEAST_IOU}, ≥ {LEAST_DISTANCE} frames from its own"
    overlaps = tuple(_overlaps(alerts))
    good = [o for o in overlaps if o.iou >= LEAST_IOU and abs(o.frame - _REFERENCE_FRAME) >= LEAST_DISTANCE]
    said = ", ".join(f"frame {o.frame}: IoU {o.iou:.2f}" for o in overlaps)
    return Check(demand, bool(good), said or "no alert")


def check_silence(hits: tuple[Alerted, ...]) -> Check:
    """Whether there was not one hit in the bicycle's shot, when it is not listed."""
    loud = [a for a in hits if shot_of(a.frame).number == BICYCLE_SHOT]
    return Check(f"without {BICYCLE}, nothing is alerted in shot {BICYCLE_SHOT}", not loud, _said(loud))


def check_places(hits: tuple[Alerted, ...]) -> Check:
    """Whether no entry had a hit, told or not, in a shot where it is not."""
    wrong = [a for a in hits if shot_of(a.frame).number not in shots_of(a.entry)]
    found = _said(wrong) if wrong else f"none of {len(hits)} hits, repeated ones included"
    return Check("no entry is alerted in a shot where it is not", not wrong, found)


def check_records(alerts: tuple[Alerted, ...], journalled: frozenset[int]) -> Check:
    """Whether every alert has its record in the journal, each another."""
    kept = {a.record for a in alerts if a.record in journalled}
    return Check("every alert has its own record in the journal", len(kept) == len(alerts), f"{len(kept)} records")


def check_report(alerts: tuple[Alerted, ...], folder: Path) -> Check:
    """Whether the page and a reference and a crop for every alert are there."""
    of = {
        kind: sum(1 for path in (folder / "pictures").glob(f"*-{kind}.jpg") if path.stat().st_size)
        for kind in ("listed", "seen", "straight")
    }
    whole = (folder / "index.html").is_file() and of["listed"] == of["seen"] == len(alerts) >= of["straight"]
    said = f"{of['listed']} listed, {of['seen']} seen, {of['straight']} laid on what is listed"
    return Check("the page shows every alert with its pictures", whole, said)


def check_clip(alerts: tuple[Alerted, ...], exported: Exported | None) -> Check:
    """Whether the bicycle's clip opens, covers its alert, and export and purge are on record."""
    demand = "the bicycle's clip opens and covers its alert; an export and a purge are on record"
    hit_s = [alert.t_s for alert in alerts if alert.entry == BICYCLE]
    if exported is None:
        return Check(demand, False if hit_s else None, "no clip of the bicycle")
    found = f"{exported.pictures} of {exported.stills} stills, {exported.from_s:.2f} to {exported.to_s:.2f} s"
    said = f"{found}; {exported.exports} exports, {exported.purges} purges on record"
    covered = any(exported.from_s <= at_s <= exported.to_s + _A_STILL_S for at_s in hit_s)
    is_whole = 0 < exported.pictures == exported.stills
    return Check(demand, covered and is_whole and exported.exports == 2 and exported.purges == 1, said)


@dataclass(frozen=True, slots=True)
class _Overlap:
    frame: int
    iou: float


def _overlaps(alerts: tuple[Alerted, ...]) -> Iterator[_Overlap]:
    for alert in alerts:
        truth = bicycle_box(alert.frame)
        if alert.entry == BICYCLE and truth is not None:
            yield _Overlap(alert.frame, alert.box.iou(truth))


def _said(alerts: list[Alerted]) -> str:
    return ", ".join(f"{a.entry} in shot {shot_of(a.frame).number} (frame {a.frame})" for a in alerts) or "none"


def _alerted(line: str) -> Alerted:
    read = json.loads(line)
    x, y, width, height = (int(side) for side in read["bbox"])
    record = read["record"]["sequence"] if read["record"] else None
    return Alerted(str(read["entry"]), int(read["frame"]), float(read["t_s"]), Box(x, y, x + width, y + height), record)
