"""Finders of what must be destroyed: faces, the head part of every person, and what may be a plate."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.infer import still_faces
from lapel.infer.attention import LEAST_SCORE, Attention
from lapel.infer.centerface import Faces
from lapel.infer.detector import BICYCLES, PERSON, PERSON_SCORE, detect_all
from lapel.infer.face_looks import FaceLooker, Manner, View, closer, each_once, heads_in, outwards, unmirrored
from lapel.infer.manifest import ModelStore
from lapel.infer.plates import VEHICLES
from lapel.infer.ssd import Detections
from lapel.infer.vehicle_plates import plate_like
from lapel.ports import Finder

# How large tiles show a picture at least. A stream's frame of 1280 × 720 is seen whole and in four tiles.
STREAM_SCALES = (0.8,)
# At .38 a fifth of 187 pictures of single things would lose more than a tenth of their area; at .5 one in fifty.
STILL_PERSON_SCORE = 0.5
# For bodies below what was destroyed, likewise: at .12 six of 50 things found in single pictures are lost, here three.
STILL_TRACE_SCORE = 0.25
# At .35 strokes go on one of 187 pictures of single things that shows no vehicle, .29 of it; at .5 on none.
VEHICLE_SCORE, STILL_VEHICLE_SCORE = 0.35, 0.5
_BICYCLE_SCORE, _SAME = 0.2, 0.6


class FaceFinder:
    """Faces in frames, by CenterFace (port Finder): in the whole, shrunk and as it is, and in tiles of it."""

    def __init__(self, store: ModelStore) -> None:
        self._looker = FaceLooker(store)

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of heads whose face is seen, anywhere in RGB u8[h, w, 3]."""
        return heads_in(pixels, self._looker.faces(pixels, self._looker.views(pixels, STREAM_SCALES)))


class FacesInTurn:
    """The same, its views spread over several frames of a stream, so that a frame costs little (port Finder).

    The shrunk picture, which shows the faces that are known best, is looked at in every frame, each other view once in
    ``frames`` frames, and closely a place where a face may be or was lost. A face that only one of these shows was
    there in the frames before: a delay must destroy it in them.
    """

    def __init__(self, store: ModelStore, frames: int) -> None:
        self._looker = FaceLooker(store)
        self._attention = Attention()
        # Where the input cannot be resized a closer look costs as much as all others of a frame.
        self._manners = cycle(Manner) if store.can_resize else None
        self._frames = frames
        self._next = 0

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of heads whose face is seen in the views whose turn it is, of RGB u8[h, w, 3]."""
        shrunk, *others = self._looker.views(pixels, STREAM_SCALES)
        count = -(-len(others) // self._frames)
        turn = [others[(self._next + i) % len(others)] for i in range(count)]
        faces = each_once(self._seen(pixels, (shrunk, *turn)))
        self._next = (self._next + count) % len(others)  # a look that failed is still to be taken
        self._attention.remember(faces)
        return heads_in(pixels, faces)

    def _seen(self, pixels: Pixels, views: Iterable[View]) -> list[Faces]:
        found = []
        for view in views:
            look = self._looker.look(pixels, view, LEAST_SCORE)
            found.append(self._attention.believed(look, view.least_score, is_small=view.is_small))
        place = self._attention.place(found) if self._manners else None
        if self._manners and place is not None:
            look = self._looker.look(pixels, closer(pixels, place), LEAST_SCORE, next(self._manners))
            found.append(self._attention.confirmed(look))
        return found


class StillFaceFinder:
    """The same in single pictures (port Finder), of which there is but one: they are looked at enlarged as well, and
    again where a face may be, and all looks decide together."""

    def __init__(self, store: ModelStore, scales: tuple[float, ...] = still_faces.SCALES) -> None:
        self._looker = FaceLooker(store)
        self._scales = scales

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of heads whose face is seen, anywhere in RGB u8[h, w, 3]."""
        found = still_faces.found(self._looker, pixels, self._scales)
        return tuple(area for faces, growth in found for area in heads_in(pixels, faces, growth))


class SureFaceFinder:
    """Faces themselves, not all that has to be destroyed about them, from a score on (port Finder): to judge pictures
    by, not to redact them."""

    def __init__(self, store: ModelStore, least_score: float) -> None:
        self._looker = FaceLooker(store)
        self._least_score = least_score

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Faces in the whole of RGB u8[h, w, 3], as it is and shrunk."""
        faces = self._looker.faces(pixels, self._looker.views(pixels, ()))
        sure = faces.boxes[faces.scores >= self._least_score]
        return tuple(map(outwards, unmirrored(sure, pixels.shape[1], pixels.shape[0])))


class HeadFinder:
    """The head part of every person, also of one whose face is not seen (port Finder).

    Person boxes come from the object detector on the whole picture: tiles cost three more calls, and found heads
    in fewer frames of street video (43 of 56 against 52) while they destroyed more of what is no head.
    """

    def __init__(self, store: ModelStore, least_score: float = PERSON_SCORE) -> None:
        self._model = store.open("detector")
        (self._person,) = store.card("detector").classes_of((PERSON,))
        self._least_score = least_score

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of heads in RGB u8[h, w, 3]."""
        return self.among(detect_all(self._model, pixels, self._least_score, tiles=False))

    def among(self, found: Detections) -> tuple[Box, ...]:
        """The same, of what the detector found in the whole picture."""
        people = found.boxes[(found.classes == self._person) & (found.scores >= self._least_score)]
        return tuple(outwards(bounds) for bounds in head_parts(people))


class HeadAndPlateFinder:
    """The same, and on vehicles whatever has a plate's strokes (port Finder): one call of the detector shows where both
    may be. For pictures of which no text is read: a container's number would go too."""

    def __init__(
        self, store: ModelStore, person_score: float = PERSON_SCORE, vehicle_score: float = VEHICLE_SCORE
    ) -> None:
        self.heads = HeadFinder(store, person_score)
        self._model, card = store.open("detector"), store.card("detector")
        self._vehicles, self._bicycles = card.classes_of(VEHICLES), card.classes_of(BICYCLES)
        self._least_score = min(person_score, vehicle_score, _BICYCLE_SCORE)
        self._vehicle_score = vehicle_score

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of heads, and of what may be plates, in RGB u8[h, w, 3]."""
        found = detect_all(self._model, pixels, self._least_score, tiles=False)
        return self.heads.among(found) + plate_like(pixels, self._motor_vehicles(found))

    def _motor_vehicles(self, found: Detections) -> tuple[Box, ...]:
        """Without what is a bicycle as well: spokes are strokes too, and it has no plate."""
        chosen = np.isin(found.classes, self._vehicles) & (found.scores >= self._vehicle_score)
        bicycles = tuple(map(outwards, found.boxes[np.isin(found.classes, self._bicycles)]))
        vehicles = map(outwards, found.boxes[chosen])
        return tuple(one for one in vehicles if not any(one.iou(other) > _SAME for other in bicycles))


def watching(store: ModelStore, delay_frames: int = 0) -> tuple[Finder, ...]:
    """The finders for moving pictures. Looks for faces are spread over as many frames as are held back for it."""
    faces: Finder = FacesInTurn(store, delay_frames) if delay_frames > 1 else FaceFinder(store)
    return faces, HeadAndPlateFinder(store)


def for_stills(store: ModelStore) -> tuple[Finder, ...]:
    """The finders for single pictures, mostly of one thing close by, which the detector often takes for a person."""
    # Where the input cannot be resized a look takes tens of times as long on x86: there as many are taken as before.
    scales = still_faces.SCALES if store.can_resize else still_faces.FEWER_SCALES
    return StillFaceFinder(store, scales), HeadAndPlateFinder(store, STILL_PERSON_SCORE, STILL_VEHICLE_SCORE)


def sparing_text(finders: Iterable[Finder]) -> tuple[Finder, ...]:
    """The same finders, for pictures whose text is read: a ``PlateFinder`` beside them is to tell plates from it."""
    return tuple(finder.heads if isinstance(finder, HeadAndPlateFinder) else finder for finder in finders)


def head_parts(people: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where the heads of person boxes f32[n, 4] are: f32[n, 4].

    Half of a standing person's width is about a head's height; of one cut at the waist it is up to a third of the
    box. The area reaches above and beside the box, which often cuts the hair.
    """
    x0, y0, x1, y1 = people.T
    width, height = x1 - x0, y1 - y0
    depth = np.clip(0.5 * width, 0.2 * height, 0.33 * height)
    return np.stack([x0 - 0.05 * width, y0 - 0.2 * depth, x1 + 0.05 * width, y0 + depth], axis=1)
