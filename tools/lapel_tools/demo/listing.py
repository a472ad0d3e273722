"""What the demo lists: the parked bicycle, things of the clip's other shots, and things drawn by the project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from lapel.core.geometry import Box
from lapel.core.things import Entry, Kind
from lapel_tools.synth.things import Rendered, render

BICYCLE = "demo-bicycle"
LISTED_FOR = timedelta(days=30)
DRAWN = tuple(range(18))  # seeds of rendered things


@dataclass(frozen=True, slots=True)
class ClipThing:
    """A thing in the clip: the frame and place of its reference, its outline, and the shots in which it is.

    ``outline`` is a polygon in the frame's pixels; empty: the box is the outline. None holds a person.
    """

    id: str
    label: str
    kind: Kind
    frame: int
    box: Box
    shots: tuple[int, ...]
    check: str
    outline: tuple[tuple[int, int], ...] = ()


# Drawn by hand round the bicycle in frame 223, so that neither wall nor window behind it is enrolled.
_BICYCLE_OUTLINE = (
    *((267, 99), (272, 63), (292, 52), (331, 53), (358, 63), (346, 30), (351, 17), (384, 19), (384, 5), (398, 5)),
    *((396, 36), (383, 45), (379, 73), (381, 123), (398, 136), (472, 63), (472, 36), (464, 17), (431, 17), (434, 5)),
    *((474, 5), (490, 20), (527, 41), (525, 60), (504, 63), (497, 86), (502, 106), (533, 107), (534, 119), (520, 140)),
    *((509, 144), (511, 193), (494, 189), (477, 156), (476, 126), (457, 133), (434, 159), (431, 212), (419, 212)),
    *((417, 169), (434, 136), (464, 113), (398, 159), (405, 179), (391, 195), (364, 189), (331, 199), (305, 199)),
    *((290, 188), (271, 147), (267, 133)),
)

# The van stands out of focus: enrolment refuses it, as it should, and the demo says so.
CLIP_THINGS = (
    ClipThing(
        BICYCLE,
        "Black town bicycle with a grey pannier",
        Kind.BICYCLE,
        223,
        Box(264, 5, 536, 215),
        (5,),
        "Frame number under the saddle; the pannier has a red seam",
        _BICYCLE_OUTLINE,
    ),
    ClipThing(
        "locked-bicycle",
        "Bicycle with orange wheel reflectors, locked to a railing",
        Kind.BICYCLE,
        172,  # of the frames round 160 half the bicycle is destroyed as a cyclist who is not there
        Box(150, 35, 325, 272),
        (4,),
        "Frame number at the bottom bracket; make of the lock",
    ),
    ClipThing(
        "green-car",
        "Green estate car with a roof rack",
        Kind.VEHICLE,
        160,
        Box(526, 99, 616, 165),
        (4,),
        "Number of the chassis behind the windscreen",
    ),
    ClipThing(
        "fallen-bicycle",
        "White racing bicycle with red bands",
        Kind.BICYCLE,
        245,
        Box(45, 5, 332, 272),
        (6,),
        "Frame number at the bottom bracket",
    ),
    ClipThing(
        "blue-van",
        "Blue van with a brake light above the rear window",
        Kind.VEHICLE,
        100,
        Box(40, 40, 300, 260),
        (3,),
        "Number of the chassis in the door frame",
    ),
    ClipThing(
        "taxi-sign",
        "Roof sign of a taxi",
        Kind.SIGN,
        70,
        Box(20, 105, 420, 200),
        (2,),
        "Licence number on the sign's back",
    ),
    ClipThing(
        "crossing-sign",
        "Blue sign of a pedestrian crossing",
        Kind.SIGN,
        83,
        Box(80, 0, 160, 64),
        (3,),
        "Road authority's sticker on the back",
    ),
    ClipThing(
        "road-mark",
        "Orange plate in the paving",
        Kind.SIGN,
        10,
        Box(40, 178, 104, 242),
        (1,),
        "Number stamped into the plate",
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnThing:
    """A drawn thing and the entry it becomes. It is in no shot of the clip."""

    entry: Entry
    picture: Rendered


def clip_entry(thing: ClipThing, today: date) -> Entry:
    """The terms under which the demo lists a thing of the clip."""
    return _entry(thing.id, thing.label, thing.kind, thing.check, today)


def drawn_things(today: date) -> tuple[DrawnThing, ...]:
    """The drawn things, with their terms."""
    pictures = (render(seed) for seed in DRAWN)
    check = "It exists on paper only: an alert for it would be false"
    return tuple(DrawnThing(_entry(p.name, p.label, p.kind, check, today), p) for p in pictures)


def known_ids() -> tuple[str, ...]:
    """The ids of everything that the demo can list."""
    return (*(thing.id for thing in CLIP_THINGS), *(render(seed).name for seed in DRAWN))


def shots_of(entry_id: str) -> tuple[int, ...]:
    """The shots in which an entry is; none for drawn things."""
    return next((thing.shots for thing in CLIP_THINGS if thing.id == entry_id), ())


def _entry(entry_id: str, label: str, kind: Kind, check: str, today: date) -> Entry:
    return Entry(
        id=entry_id,
        label=label,
        kind=kind,
        purpose="Demonstration: nobody misses it",
        case="DEMO-1",
        authority="the demo itself",
        expires=today + LISTED_FOR,
        contact="nobody; this is a demonstration",
        check=check,
    )
