"""Local features of a picture and their geometric verification: RootSIFT, and a motion that many of them share."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Features, Geometry, Pixels
from lapel.infer.learned import LocalModel, read_local
from lapel.infer.manifest import ModelStore
from lapel.infer.resemblance import resemblance

# Lowe's ratio, a little looser than his .8 because a reference's features also repeat on the thing itself.
_RATIO = 0.8
_FEWEST_PAIRS = 6
_REPROJECTION_PX = 6.0


class RootSift:
    """RootSIFT of a picture scaled to ``longest_px``; of its features the ``most_points`` strongest are kept.

    Source: Lowe, IJCV 2004; Arandjelović & Zisserman, CVPR 2012.
    """

    def __init__(self, most_points: int = 800, longest_px: int = 640) -> None:
        self._sift = cv2.SIFT.create(nfeatures=most_points, contrastThreshold=0.02)
        self._most_points = most_points
        self.longest_px = longest_px

    def describe(
        self, pixels: Pixels, outline: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Places f32[n, 2] in RGB u8[h, w, 3] and RootSIFT f32[n, 128], strongest first, only inside ``outline``."""
        height, width = pixels.shape[:2]
        scale = min(1.0, self.longest_px / max(height, width))
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        if scale < 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        mask = None
        if outline is not None:
            mask = cv2.resize(outline.astype(np.uint8) * 255, grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
        keypoints, raw = self._sift.detectAndCompute(grey, mask)
        if raw is None or not len(keypoints):
            return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
        strongest = np.argsort([-k.response for k in keypoints], kind="stable")[: self._most_points]
        points = np.array([keypoints[i].pt for i in strongest], np.float32) / np.float32(scale)
        found = np.asarray(raw[strongest], np.float32)
        return points, np.asarray(np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-9)), np.float32)


class SiftFeatures:
    """Coded RootSIFT features of a picture, verified by RANSAC (port LocalFeatures).

    ``model`` codes and aggregates them, the committed one by default.
    """

    def __init__(self, model: LocalModel | None = None, most_points: int = 800, longest_px: int = 640) -> None:
        self._model = model or read_local(ModelStore())
        self._sift = RootSift(most_points, longest_px)

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
        return _geometry(motion, len(pairs), sighting, reference)

    def agreeing(self, sighting: Features, reference: Features) -> NDArray[np.bool_]:
        """Which of the reference's features lie on the sighting in one motion, bool[n]."""
        agreed = np.zeros(len(reference.points), np.bool_)
        found = self._motion(sighting, reference)
        if found is not None and _geometry(found[0], len(found[1]), sighting, reference) is not None:
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
        tolerance = max(3.0, _REPROJECTION_PX * max(sighting.width, sighting.height) / self._sift.longest_px)
        motion, agreed = cv2.findHomography(
            reference.points[pairs[:, 0]],
            sighting.points[pairs[:, 1]],
            cv2.USAC_MAGSAC,
            tolerance,
            maxIters=2000,
            confidence=0.999,
        )
        if motion is None or agreed is None:
            return None
        return np.asarray(motion, np.float64), pairs[agreed.ravel().astype(bool)]


def matched(sighting: Features, reference: Features) -> NDArray[np.intp]:
    """Pairs i[n, 2] of reference and sighting features that are each other's only near likeness."""
    if len(sighting.points) < 2 or not len(reference.points):
        return np.empty((0, 2), np.intp)
    # A compact picture keeps fewer values of each code: the same ones of the other are compared with them.
    width = min(reference.descriptors.shape[1], sighting.descriptors.shape[1])
    ours = reference.descriptors[:, :width].astype(np.float32)
    theirs = sighting.descriptors[:, :width].astype(np.float32)
    squared = (ours**2).sum(1)[:, None] + (theirs**2).sum(1)[None] - 2 * (ours @ theirs.T)
    near = np.argpartition(squared, 1, axis=1)[:, :2]
    near_squared = np.take_along_axis(squared, near, axis=1)
    first = near_squared.argmin(axis=1)
    rows = np.arange(len(ours))
    best, second = near_squared[rows, first], near_squared[rows, 1 - first]
    clear = best < _RATIO**2 * second
    pairs = np.stack([rows, near[rows, first]], axis=1)[clear]
    # A feature of the sighting speaks once, for the reference feature that is nearest to it.
    order = np.argsort(best[clear], kind="stable")
    _, once = np.unique(pairs[order, 1], return_index=True)
    return np.asarray(pairs[order][np.sort(once)], np.intp)


def _geometry(motion: NDArray[np.float64], inliers: int, sighting: Features, reference: Features) -> Geometry | None:
    if inliers < _FEWEST_PAIRS:
        return None
    low, high = reference.points.min(axis=0), reference.points.max(axis=0)
    corners = np.array([[low, [high[0], low[1]], high, [low[0], high[1]]]], np.float32)
    lying = cv2.perspectiveTransform(corners, motion)[0]
    if not _is_plausible(lying, corners[0]):
        return None
    x0, y0 = np.floor(lying.min(axis=0)).astype(int)
    x1, y1 = np.ceil(lying.max(axis=0)).astype(int)
    box = Box(int(x0), int(y0), int(x1), int(y1))
    lies = tuple(float(value) for value in motion.ravel())
    return Geometry(inliers, inliers / max(1, len(reference.points)), box, lies)


def _is_plausible(lying: NDArray[np.float32], corners: NDArray[np.float32]) -> bool:
    """An outline that is convex, not mirrored, and of a size a camera could give: else the motion is an accident."""
    edges = np.roll(lying, -1, axis=0) - lying
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    if not np.isfinite(lying).all() or (turns <= 0).any():
        return False
    area = float(cv2.contourArea(lying))
    original = float(cv2.contourArea(corners))
    return original > 0 and 1 / 400 < area / original < 400
