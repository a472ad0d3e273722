"""The values that flow through the watch loop, from a redacted frame to a hit.

``Frame → Scene → Track → Sighting → Query → Match* → Hit``. Pixels are always RGB u8[h, w, 3] and read-only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box

Pixels = NDArray[np.uint8]


class Kind(Enum):
    """What a thing is. Closed: there is no member for a person, a garment on a person, or a plate."""

    ANIMAL = "animal"
    APPLIANCE = "appliance"
    ARTWORK = "artwork"
    BAG = "bag"
    BICYCLE = "bicycle"
    BOOK = "book"
    BOTTLE = "bottle"
    BOX = "box"
    CAMERA = "camera"
    CARD = "card"
    CHAIR = "chair"
    COMPUTER = "computer"
    CONTAINER = "container"
    CUP = "cup"
    DESK = "desk"
    INSTRUMENT = "instrument"
    JEWELLERY = "jewellery"
    MONITOR = "monitor"
    MOUSE = "mouse"
    PACKAGE = "package"
    PLACARD = "placard"
    SIGN = "sign"
    TOOL = "tool"
    TOY = "toy"
    VEHICLE = "vehicle"
    OTHER = "other"


class Origin(Enum):
    """Why a part of the frame is looked at."""

    DETECTOR = "detector"
    PROPOSAL = "proposal"
    WHOLE = "whole"
    CENTRE = "centre"
    CODE = "code"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture whose faces have been destroyed: the only picture that anything outside capture may see.

    ``at_s`` is stream time (seconds since the source began). ``destroyed`` are the areas that hold no
    information any more: nothing is to be looked for there. ``dropped`` counts the frames that the source
    delivered, and that were never looked at, since the frame before.
    """

    pixels: Pixels
    number: int
    at_s: float
    destroyed: tuple[Box, ...] = ()
    dropped: int = 0

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Thing:
    """A part of a frame that may be a thing worth a look. ``score`` is the detector's, 0..1; ``label`` its own word
    (lower case), for evaluation and for people: decisions use ``kind``."""

    kind: Kind
    box: Box
    score: float
    origin: Origin
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What a frame shows: things with boxes, people only as a number, and no person's box. ``canvas`` is the frame with
    the areas of people filled with grey: every look is cut from it, and codes are read on it."""

    things: tuple[Thing, ...]
    people: int
    canvas: Pixels


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a look is. ``sharpness`` >= 0 (variance of the Laplacian), ``exposure`` 0..1, ``size_px`` the
    shorter side, ``truncated`` when the box touches the frame's border."""

    size_px: int
    sharpness: float
    exposure: float
    truncated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One good look at a tracked thing: a crop, where and when. ``pixels`` RGB u8[h, w, 3], redacted, cut at ``box`` in
    a frame of ``frame_box``."""

    track: int
    kind: Kind
    origin: Origin
    box: Box
    pixels: Pixels
    at_s: float
    frame: int
    frame_box: Box
    quality: Quality


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Local features of a picture: where they are and what they look like.

    ``points`` f32[n, 2] x, y in pixels of the picture described, the strongest first; ``descriptors`` i8[n, w], local
    codes of which fewer values are a coarser code; ``width``, ``height`` of that picture; read-only.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.int8]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Geometry:
    """How well a reference's local features lie on a sighting's after alignment.

    ``inliers`` correspondences that agree with one motion; ``share`` of the reference's own features that
    they are, 0..1; ``box`` the reference's outline on the sighting, in the sighting's pixels, and reaching beyond
    them where only part of the thing is in it. ``motion``: a homography to those pixels, row by row; () if unknown.
    ``in_middle`` 0..1: how far they reach into the middle of the reference, where the thing is.
    """

    inliers: int
    share: float
    box: Box
    motion: tuple[float, ...] = ()
    in_middle: float = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed thing and the terms under which it may be looked for. Dates are inclusive, UTC."""

    id: str
    label: str
    kind: Kind
    purpose: str
    case: str
    authority: str
    expires: date
    owner: str = ""
    contact: str = ""
    check: str = ""
    codes: tuple[str, ...] = ()

    def is_current(self, today: date) -> bool:
        """Whether the entry may match on that day."""
        return today <= self.expires


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """An enrolled picture of an entry: two descriptions to shortlist by, local features to decide by, a thumbnail.

    ``descriptors`` i8[k, d], what the network makes of it, one a crop; ``aggregates`` i8[m, e], its local features as
    one vector, none where it has too few. A row stands for the unit vector of its direction: a byte a value and no
    scale beside it. ``picture`` is a JPEG of at most 64 KiB that the officer is shown.
    """

    entry_id: str
    descriptors: NDArray[np.int8]
    aggregates: NDArray[np.int8]
    features: Features
    picture: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Match:
    """A row of a candidate list. ``similarity`` is a cosine, -1..1; ``evidence`` is comparable across queries:
    1 is the decision's threshold. ``box`` in the frame's pixels; ``motion`` as Agreement has it."""

    entry: Entry
    similarity: float
    geometry: Geometry | None
    evidence: float
    box: Box
    reference: int
    motion: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """How many false alerts an hour a list is expected to give, all its ``entries`` with pictures together, with the
    ends of an interval of 95%."""

    per_hour: float
    at_least_per_hour: float
    at_most_per_hour: float
    entries: int


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A match whose expected false alerts are inside the budget: a possible match to check, never a verdict.

    ``expected`` is None where that was never measured for the list; a hit on a decoy is false, and never shown. For
    ``count_today`` and ``is_located`` see ``core.located``.
    """

    match: Match
    sighting: Sighting
    reference_picture: bytes = field(repr=False)
    code: str = ""
    expected: Expected | None = None
    is_decoy: bool = False
    count_today: int = 0
    is_located: bool = True

    @property
    def entry(self) -> Entry:
        """The listed thing that this may be."""
        return self.match.entry
