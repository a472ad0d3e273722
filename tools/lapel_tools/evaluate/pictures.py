"""What is seen, destroyed and read in the kit's single pictures."""

from __future__ import annotations

from lapel.capture.still import redact_still
from lapel.core.codes import EveryCode
from lapel.core.things import Origin
from lapel.infer.barcode import BarcodeReader
from lapel.infer.detector import SsdDetector
from lapel.infer.fan_in import EveryReader
from lapel.infer.plates import PlateFinder
from lapel.infer.text import TextCodes
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.results import DetectedBox, DetectionResult, FacesResult, TextResult

LEAST_SCORE = 0.05
"""Boxes are reported down to here: average precision needs the tail that the product throws away."""


def run_detection(bench: Bench) -> tuple[DetectionResult, ...]:
    """Things and the number of people in every picture. Raises: UsageError, MediaError."""
    detector = SsdDetector(bench.seeing.models, least_score=LEAST_SCORE)
    results = []
    for file in bench.progress.each(bench.chosen(bench.kit.pictures("detection")), "detection"):
        scene = detector.detect(bench.frame("detection", file))
        boxes = tuple(
            DetectedBox(thing.label, thing.score, thing.box)
            for thing in scene.things
            if thing.origin is Origin.DETECTOR
        )
        results.append(DetectionResult(file, boxes, scene.people))
    return tuple(results)


def run_faces(bench: Bench) -> tuple[FacesResult, ...]:
    """The areas that are destroyed in every picture. Raises: UsageError, MediaError."""
    results = []
    for file in bench.progress.each(bench.chosen(bench.kit.pictures("faces")), "faces"):
        frame = bench.frame("faces", file)
        results.append(FacesResult(file, frame.destroyed, frame.width, frame.height))
    return tuple(results)


def run_text(bench: Bench) -> tuple[TextResult, ...]:
    """The codes in every picture, as if each were listed; documents about people stay refused, plates destroyed.

    Raises: UsageError, MediaError.
    """
    finders = (*bench.finders, PlateFinder(bench.seeing.models))
    reader = EveryReader(BarcodeReader(EveryCode()), TextCodes(bench.seeing.models, finders, is_still=True))
    files = [barcode.file for barcode in bench.kit.barcodes()]
    return tuple(
        TextResult(file, reader.read(redact_still(bench.kit.path("text", file), finders)))
        for file in bench.progress.each(bench.chosen(files), "text")
    )
