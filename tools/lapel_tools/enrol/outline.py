"""Where in a picture the thing is: a box or a mask that the administrator drew."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box, whole
from lapel.core.things import Frame
from lapel.errors import UsageError
from lapel_tools.enrol.request import Photo


def parse_outline(text: str) -> Box:
    """A box from "x0,y0,x1,y1" in pixels. Raises: UsageError."""
    parts = text.split(",")
    try:
        x0, y0, x1, y1 = (int(part) for part in parts)
    except ValueError:
        raise UsageError(f"--outline {text}: give four whole numbers of pixels, x0,y0,x1,y1") from None
    box = Box(x0, y0, x1, y1)
    if not box.area:
        raise UsageError(f"--outline {text}: the box is empty; x1 must be above x0, and y1 above y0")
    return box


def read_mask(path: Path) -> NDArray[np.bool_]:
    """A mask bool[h, w] from a picture that is white where the thing is. Raises: UsageError."""
    # imdecode, not imread: OpenCV prints its own complaint about a file it cannot open.
    data = path.read_bytes() if path.is_file() else b""
    grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE) if data else None
    if grey is None:
        raise UsageError(f"--mask {path}: not a picture; give a PNG that is white where the thing is, black elsewhere")
    mask = np.asarray(grey > 127, dtype=np.bool_)
    if not mask.any():
        raise UsageError(f"--mask {path}: nothing is white in it; paint the thing white")
    return mask


def thing_box(photo: Photo, frame: Frame) -> Box:
    """The smallest box that holds the thing, inside the picture. Raises: UsageError."""
    size = f"{frame.width}×{frame.height} px"
    if photo.mask is not None:
        if photo.mask.shape != (frame.height, frame.width):
            height, width = photo.mask.shape
            raise UsageError(
                f"{photo.name}: the mask has {width}×{height} px and the picture {size}; make them equally large"
            )
        rows, columns = np.flatnonzero(photo.mask.any(axis=1)), np.flatnonzero(photo.mask.any(axis=0))
        return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    if photo.outline is None:
        return whole(frame.width, frame.height)
    if photo.outline.clipped(frame.width, frame.height) != photo.outline:
        # Clipping it would enrol another part than was meant: most often it was measured in a smaller or larger copy.
        x0, y0, x1, y1 = photo.outline.x0, photo.outline.y0, photo.outline.x1, photo.outline.y1
        raise UsageError(
            f"{photo.name}: the outline {x0},{y0},{x1},{y1} goes beyond the picture of {size}; "
            "measure it in this very file"
        )
    return photo.outline
