"""Pictures to build scenes from, as they are: no device sees these files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from lapel.core.things import Pixels
from lapel.errors import MediaError


def read_rgb(path: Path) -> Pixels:
    """A picture file as RGB u8[h, w, 3]. Raises: MediaError."""
    found = cv2.imread(str(path))
    if found is None:
        raise MediaError(f"{path}: not a picture; take it out of the folder, or restore it")
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)
