"""Camera buffers in YUV 4:2:0 to RGB. Pure: buffer, size and stride in, pixels out."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Pixels


class Layout(Enum):
    """How a 4:2:0 buffer is laid out; the value is libcamera's name of the format."""

    YUV420 = "YUV420"  # planes Y, U, V
    NV12 = "NV12"  # plane Y, then U and V interleaved


_CODES = {Layout.YUV420: cv2.COLOR_YUV2RGB_I420, Layout.NV12: cv2.COLOR_YUV2RGB_NV12}


def rgb_of_yuv(
    buffer: NDArray[np.uint8], layout: Layout, width_px: int, height_px: int, stride: int, into: Pixels
) -> None:
    """Write the RGB of a buffer u8[n] whose luma rows are ``stride`` bytes apart ``into`` u8[height, width, 3].

    BT.601, limited range, which the camera is asked for and held to. Raises: ValueError when the sizes do not fit.
    """
    if width_px % 2 or height_px % 2 or stride < width_px or stride % 2:
        raise ValueError(f"{width_px}×{height_px} px at stride {stride} is no {layout.value} picture")
    rows = height_px * 3 // 2
    if buffer.size < rows * stride:
        raise ValueError(f"{layout.value} buffer of {buffer.size} bytes, {rows * stride} needed")
    luma_end, chroma_rows = height_px * stride, height_px // 2
    luma = buffer[:luma_end].reshape(height_px, stride)[:, :width_px]
    chroma = buffer[luma_end : rows * stride]
    # The one copy there is of the unblurred picture, without the padding: every other would stay in memory.
    picture = np.empty((rows, width_px), np.uint8)
    try:
        picture[:height_px] = luma
        if layout is Layout.NV12:
            picture[height_px:] = chroma.reshape(chroma_rows, stride)[:, :width_px]
        else:
            planes = picture[height_px:].reshape(2, chroma_rows, width_px // 2)
            planes[:] = chroma.reshape(2, chroma_rows, stride // 2)[:, :, : width_px // 2]
        cv2.cvtColor(picture, _CODES[layout], dst=into)
    finally:
        picture.fill(0)
