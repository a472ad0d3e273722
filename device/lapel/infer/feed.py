"""Pictures as the int8 networks take them: every feed in models/manifest.toml but those of text is this one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels
from lapel.infer.tflite import Model


def fed(model: Model, pixels: Pixels) -> NDArray[np.int8]:
    """RGB u8[h, w, 3] stretched to the network's input int8[1, height, width, 3]: each byte less 128."""
    _, height, width, _ = model.input.shape
    shrinks = pixels.shape[1] > width
    small = np.asarray(
        cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
    )
    return as_fed(small)


def as_fed(pixels: Pixels) -> NDArray[np.int8]:
    """RGB u8[h, w, 3] that has the input's size, as int8[1, h, w, 3].

    Turning the highest bit is to subtract 128: nothing has to pass through floats.
    """
    return np.asarray((pixels ^ np.uint8(0x80)).view(np.int8)[None])
