"""Draws on a picture what geometry sees of it."""

from __future__ import annotations

import cv2
import numpy as np

from lapel.alert.picture import jpeg
from lapel_tools.enrol.appraisal import PictureAppraisal
from lapel_tools.enrol.trials import shown

_LIGHT, _DARK, _CONFIRMED = (255, 255, 255), (20, 20, 20), (255, 120, 0)


def marked(picture: PictureAppraisal) -> bytes:
    """The picture as JPEG: a ring on every local feature, a filled dot on those that another picture confirms.

    Shape and not colour alone tells them apart.
    """
    canvas = shown(picture.reference)
    features = picture.reference.features
    scale = canvas.shape[1] / features.width
    radius = max(2, round(max(canvas.shape[:2]) / 160))
    for (x, y), is_confirmed in zip((features.points * scale).round().astype(int), picture.confirmed, strict=True):
        centre = (int(x), int(y))
        if is_confirmed:
            cv2.circle(canvas, centre, radius + 2, _DARK, -1, cv2.LINE_AA)
            cv2.circle(canvas, centre, radius + 1, _CONFIRMED, -1, cv2.LINE_AA)
        else:
            cv2.circle(canvas, centre, radius, _DARK, 2, cv2.LINE_AA)
            cv2.circle(canvas, centre, radius, _LIGHT, 1, cv2.LINE_AA)
    return jpeg(np.asarray(canvas, np.uint8))
