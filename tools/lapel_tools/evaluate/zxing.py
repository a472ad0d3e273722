"""What zxing-cpp reads when it is simply called on the same pictures: the yardstick of the barcode reader."""

from __future__ import annotations

import cv2
import numpy as np
import zxingcpp

from lapel.capture.still import redact_still
from lapel.infer.plates import PlateFinder
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.summary import BARCODES, sort_of
from lapel_tools.report.share import Share


def directly(bench: Bench) -> str:
    """One line: of how many pictures of barcodes with known contents zxing-cpp itself reads them exactly.

    It is given the picture as the device sees it, in grey, and gives what the carrier holds; everything it reads
    counts, also what the grammar of codes refuses. Raises: UsageError, MediaError.
    """
    finders = (*bench.finders, PlateFinder(bench.seeing.models))
    every = {barcode.file: set(barcode.strings) for barcode in bench.kit.barcodes() if barcode.strings}
    truth = {file: strings for file, strings in every.items() if sort_of(strings) == BARCODES}
    right = wrong = 0
    known = bench.chosen(list(truth))
    for file in bench.progress.each(known, "zxing-cpp"):
        grey = np.asarray(
            cv2.cvtColor(redact_still(bench.kit.path("text", file), finders).pixels, cv2.COLOR_RGB2GRAY), np.uint8
        )
        found = zxingcpp.read_barcodes(grey, text_mode=zxingcpp.TextMode.Plain)
        texts = {barcode.text for barcode in found if barcode.valid}
        right += bool(texts & truth[file])
        wrong += len(texts - truth[file])
    return (
        f"zxing-cpp called directly: {Share(right, len(known)).in_full()} barcodes read exactly, {wrong} wrong values"
    )
