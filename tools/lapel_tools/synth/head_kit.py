"""A kit's faces part of pasted heads: a folder a condition, and the exact boxes, as the kit has them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.errors import StoreError, UsageError
from lapel_tools.evaluate.kit import Kit
from lapel_tools.synth.heads import Condition, Head, dimmed, put
from lapel_tools.synth.picture_file import read_rgb

WIDTH_PX, HEIGHT_PX = 1280, 720
SMALLEST_PX, LARGEST_PX = 16.0, 200.0
HEADS_A_SCENE = 8
_SEED = 4
_MOST_ENLARGED = 1.2
_FEWEST_CUT_PX = 12


def write_heads(kit: Kit, boxes: Path | None, folder: Path, scenes: int) -> int:
    """Write ``scenes`` scenes of each condition below ``folder``/faces; how many heads are in them.

    Heads are cut from the kit's face pictures, by their boxes in its index or in ``boxes``; grounds are its detection
    pictures without people. Raises: UsageError, MediaError, StoreError.
    """
    heads = _heads(kit, boxes)
    grounds = [kit.path("detection", file) for file in kit.without_people()]
    if not grounds:
        raise UsageError(f"{kit.folder}: no detection picture without people to put heads into; give a kit with some")
    images: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    for condition in Condition:
        (folder / "faces" / condition.value).mkdir(parents=True, exist_ok=True)
        for number in range(scenes):
            random = np.random.default_rng([_SEED, list(Condition).index(condition), number])
            canvas = _ground(grounds[int(random.integers(len(grounds)))])
            file = f"{condition.value}/{number:03d}.png"
            found = list(_filled(canvas, heads, condition, random))
            canvas = dimmed(canvas, random) if condition is Condition.DARK else canvas
            if not cv2.imwrite(str(folder / "faces" / file), canvas[..., ::-1]):
                raise StoreError(f"{folder / 'faces' / file}: cannot be written; check the folder")
            images.append({"file": file, "width": WIDTH_PX, "height": HEIGHT_PX})
            rows += [{"file": file, "label": "head", "bbox": [b.x0, b.y0, b.width, b.height]} for b in found]
    index = json.dumps({"images": images, "annotations": rows}, indent=1)
    (folder / "faces" / "boxes.json").write_text(index, encoding="utf-8")
    return len(rows)


def _heads(kit: Kit, boxes: Path | None) -> list[Head]:
    found = kit.heads(boxes)
    heads = [Head(read_rgb(kit.path("faces", file)), box) for file in sorted(found) for box in found[file]]
    if not heads:
        raise UsageError(
            f"{boxes or kit.folder / 'faces' / 'boxes.json'}: no box of a head; draw some, or give --boxes"
        )
    return heads


def _filled(canvas: Pixels, heads: Sequence[Head], condition: Condition, random: np.random.Generator) -> Iterator[Box]:
    """Put heads into a canvas, from the largest to the smallest, so that all find a place; their boxes."""
    spread = np.exp(random.uniform(np.log(SMALLEST_PX), np.log(LARGEST_PX), HEADS_A_SCENE))
    taken: list[Box] = []
    for height_px in sorted(spread, reverse=True):
        usable = [head for head in heads if head.box.height * _MOST_ENLARGED >= height_px]
        if not usable:
            continue
        box = put(canvas, usable[int(random.integers(len(usable)))], float(height_px), condition, random, taken)
        if box is not None and min(box.width, box.height) >= min(_FEWEST_CUT_PX, height_px / 2):
            yield box


def _ground(path: Path) -> Pixels:
    """A picture as a frame of the size of a camera's, cut where it has other proportions."""
    pixels = read_rgb(path)
    height, width = pixels.shape[:2]
    scale = max(WIDTH_PX / width, HEIGHT_PX / height)
    size = (max(WIDTH_PX, round(width * scale)), max(HEIGHT_PX, round(height * scale)))
    large = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    y, x = (size[1] - HEIGHT_PX) // 2, (size[0] - WIDTH_PX) // 2
    return np.ascontiguousarray(large[y : y + HEIGHT_PX, x : x + WIDTH_PX], np.uint8)
