"""Running a committed or a floating model on a picture, timed: one way for both, so that they can be compared."""

from __future__ import annotations

import time
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from lapel_tools.build_models import decode
from lapel_tools.build_models.decode import Floats

Picture = NDArray[np.uint8]


class Running:
    """A loaded model: RGB picture in, its outputs by name as real numbers out. One thread.

    ``unit`` says how a float input wants its pixels: True about -1 … 1, False 0 … 255. An int8 input always
    takes pixel - 128, which is how the recipes fix its scale.
    """

    def __init__(self, content: bytes, unit: bool = True) -> None:
        self.interpreter = Interpreter(model_content=content, num_threads=1)
        self.interpreter.allocate_tensors()
        self.input: dict[str, Any] = self.interpreter.get_input_details()[0]
        self.height_px, self.width_px = (int(n) for n in self.input["shape"][1:3])
        self.unit = unit
        self.times_ms: list[float] = []

    def __call__(self, picture: Picture) -> dict[str, Floats]:
        """The outputs for a picture, stretched to the input, without the batch axis."""
        shrinks = picture.shape[0] >= self.height_px and picture.shape[1] >= self.width_px
        size = (self.width_px, self.height_px)
        pixels = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        self.interpreter.set_tensor(self.input["index"], self._fed(pixels)[None])
        started = time.perf_counter()
        self.interpreter.invoke()
        self.times_ms.append((time.perf_counter() - started) * 1000)
        return {str(detail["name"]): self._real(detail) for detail in self.interpreter.get_output_details()}

    def _fed(self, pixels: NDArray[Any]) -> NDArray[Any]:
        if self.input["dtype"] == np.int8:
            return (pixels.astype(np.int16) - 128).astype(np.int8)
        real = pixels.astype(np.float32)
        return (real - np.float32(128)) / np.float32(127.5) if self.unit else real

    def _real(self, detail: dict[str, Any]) -> Floats:
        stored = self.interpreter.get_tensor(detail["index"])[0].astype(np.float32)
        scale, zero_point = detail["quantization"]
        return np.asarray((stored - zero_point) * scale if scale else stored, dtype=np.float32)


class Found:
    """What a finder found in a picture: boxes, scores and labels, strongest first within a label."""

    def __init__(self, boxes: Floats, scores: Floats, labels: NDArray[np.intp]) -> None:
        self.boxes, self.scores, self.labels = boxes, scores, labels


def found(model: Running, picture: Picture, least_score: float) -> Found:
    """The boxes of the detector or of the face finder, told apart by the names of their outputs."""
    outputs = model(picture)
    if "logits" in outputs:
        every = decode.sigmoid(outputs["logits"][:, 1:])
        boxes, labels, scores = decode.detector_boxes(outputs["boxes"], _ANCHORS), every.argmax(1) + 1, every.max(1)
    else:
        boxes = decode.face_boxes(outputs["size"], outputs["offset"])
        scores, labels = decode.sigmoid(outputs["score"].ravel()), np.zeros(outputs["score"].size, dtype=np.intp)
    kept: list[int] = []
    for label in np.unique(labels[scores >= least_score]):
        own = np.flatnonzero(labels == label)
        kept += [int(i) for i in own[decode.strongest(boxes[own], scores[own], least_score, 0.5 if label else 0.3)]]
    return Found(boxes[kept], scores[kept], labels[kept])


_ANCHORS = decode.detector_anchors()
