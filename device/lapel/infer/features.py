"""Local features of a picture and their geometric verification: RootSIFT, and a motion that many of them share."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Features, Geometry, Pixels
from lapel.infer.learned import LocalModel, read_local
from lapel.infer.manifest import ModelStore
from lapel.infer.motion import box_around, common_motion, in_middle, lying
from lapel.infer.resemblance import resemblance
from lapel.infer.scale_space import Grey, described, strongest

# Lowe's ratio, a little looser than his .8 because a reference's features also repeat on the thing itself.
_RATIO = 0.8
_FEWEST_PAIRS = 6
_LEAST_CONTRAST = 0.02
# Up to here, 640 × 384, OpenCV needs at most 54 MiB to find details.
_LARGE_PX = 245_760


class RootSift:
    """RootSIFT of a picture scaled to ``longest_px``; of its features the ``most_points`` strongest are kept.

    Source: Lowe, IJCV 2004; Arandjelović & Zisserman, CVPR 2012.
    """

    is_lean = False
    """Whether those of a large picture are found in less memory and two to three times the time: the same, but
    for which of equally strong ones are kept where these are more than is room for."""

    def __init__(self, most_points: int = 800, longest_px: int = 640) -> None:
        self._sift = cv2.SIFT.create(nfeatures=most_points, contrastThreshold=_LEAST_CONTRAST)
        self._every = cv2.SIFT.create(nfeatures=0, contrastThreshold=_LEAST_CONTRAST)
        self._most_points = most_points
        self.longest_px = longest_px

    def describe(
        self, pixels: Pixels, outline: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Places f32[n, 2] in RGB u8[h, w, 3] and RootSIFT f32[n, 128], strongest first, only inside ``outline``."""
        height, width = pixels.shape[:2]
        scale = min(1.0, self.longest_px / max(height, width))
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        if scale < 1:
            grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        mask = None
        if outline is not None:
            size, full = grey.shape[::-1], outline.astype(np.uint8) * 255
            mask = np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        keypoints, raw = self._found(grey, mask)
        if raw is None or not len(keypoints):
            return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
        strongest = np.argsort([-k.response for k in keypoints], kind="stable")[: self._most_points]
        points = np.array([keypoints[i].pt for i in strongest], np.float32) / np.float32(scale)
        found = np.asarray(raw[strongest], np.float32)
        return points, np.asarray(np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-9)), np.float32)

    def _found(self, grey: Grey, mask: Grey | None) -> tuple[Sequence[cv2.KeyPoint], NDArray[np.float32] | None]:
        if not self.is_lean or mask is not None or grey.size <= _LARGE_PX:
            keypoints, raw = self._sift.detectAndCompute(grey, mask)
            return keypoints, None if raw is None else np.asarray(raw, np.float32)
        found = strongest(self._every, grey, self._most_points, _LEAST_CONTRAST)
        return found, described(self._sift, grey, found)


class SiftFeatures:
    """Coded RootSIFT features of a picture, verified by RANSAC (port LocalFeatures).

    ``model`` codes and aggregates them, the committed one by default.
    """

    def __init__(self, model: LocalModel | None = None, most_points: int = 800, longest_px: int = 640) -> None:
        self._model = model or read_local(ModelStore())
        self._sift = RootSift(most_points, longest_px)

    def spare_memory(self) -> None:
        """From now on find the features of large pictures in less memory, in two to three times the time; see
        ``RootSift.is_lean``."""
        self._sift.is_lean = True

    @property
    def model_sha256(self) -> str:
        """The file that codes and aggregates the features, in hexadecimal."""
        return self._model.sha256

    @property
    def dimensions(self) -> int:
        """Length of an aggregate."""
        return self._model.aggregation.reduction.dimensions

    def extract(self, pixels: Pixels, outline: NDArray[np.bool_] | None = None) -> Features:
        """Features of RGB u8[h, w, 3], strongest first, only those inside ``outline`` bool[h, w] when given."""
        points, rooted = self._sift.describe(pixels, outline)
        codes = self._model.code.codes(rooted)
        points.setflags(write=False)
        codes.setflags(write=False)
        return Features(points, codes, int(pixels.shape[1]), int(pixels.shape[0]))

    def aggregate(self, features: Features) -> NDArray[np.float32]:
        """What the features look like together, f32[1, d], a unit row; f32[0, d] where they are too few."""
        return self._model.aggregation.of(features.descriptors)

    def verify(self, sighting: Features, reference: Features) -> Geometry | None:
        """How the reference lies on the sighting; None where no motion explains enough of it."""
        found = self._motion(sighting, reference)
        if found is None:
            return None
        motion, pairs = found
        return _geometry(motion, reference.points[pairs[:, 0]], reference)

    def agreeing(self, sighting: Features, reference: Features) -> NDArray[np.bool_]:
        """Which of the reference's features lie on the sighting in one motion, bool[n]."""
        agreed = np.zeros(len(reference.points), np.bool_)
        found = self._motion(sighting, reference)
        if found is not None and _geometry(found[0], reference.points[found[1][:, 0]], reference) is not None:
            agreed[found[1][:, 0]] = True
        return agreed

    def resemblance(self, sighting: Pixels, picture: bytes, reference: Features, geometry: Geometry) -> float:
        """How alike the two are once they lie on each other, 0..1."""
        return resemblance(sighting, picture, reference, geometry)

    def _motion(self, sighting: Features, reference: Features) -> tuple[NDArray[np.float64], NDArray[np.intp]] | None:
        """The homography that most pairs share, and those pairs."""
        pairs = matched(sighting, reference)
        if len(pairs) < _FEWEST_PAIRS:
            return None
        longest_px = max(sighting.width, sighting.height)
        found = common_motion(reference.points[pairs[:, 0]], sighting.points[pairs[:, 1]], longest_px)
        return None if found is None else (found[0], pairs[found[1]])


def matched(sighting: Features, reference: Features) -> NDArray[np.intp]:
    """Pairs i[n, 2] of reference and sighting features that are each other's only near likeness."""
    if len(sighting.points) < 2 or not len(reference.points):
        return np.empty((0, 2), np.intp)
    # A compact picture keeps fewer values of each code: the same ones of the other are compared with them.
    width = min(reference.descriptors.shape[1], sighting.descriptors.shape[1])
    ours = reference.descriptors[:, :width].astype(np.float32)
    theirs = sighting.descriptors[:, :width].astype(np.float32)
    # Whole numbers below 2**24: exact in 32 bits. Two plain minima take a third of the time of one partition.
    apart = ours @ theirs.T
    apart *= -2
    apart += (theirs**2).sum(axis=1)[None]
    rows, own = np.arange(len(ours)), (ours**2).sum(axis=1)
    near = apart.argmin(axis=1)
    best = apart[rows, near] + own
    apart[rows, near] = np.inf
    clear = best < _RATIO**2 * (apart.min(axis=1) + own)
    pairs = np.stack([rows, near], axis=1)[clear]
    # A feature of the sighting speaks once, for the reference feature that is nearest to it.
    order = np.argsort(best[clear], kind="stable")
    _, once = np.unique(pairs[order, 1], return_index=True)
    return np.asarray(pairs[order][np.sort(once)], np.intp)


def _geometry(motion: NDArray[np.float64], agreed: NDArray[np.float32], reference: Features) -> Geometry | None:
    inliers = len(agreed)
    if inliers < _FEWEST_PAIRS:
        return None
    outline = lying(motion, reference.points)
    if outline is None:
        return None
    box = Box(*box_around(outline))
    lies = tuple(float(value) for value in motion.ravel())
    middle = in_middle(agreed, reference.width, reference.height)
    return Geometry(inliers, inliers / max(1, len(reference.points)), box, lies, middle)
