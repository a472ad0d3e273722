"""Which reference's print lies on a query, by the committed network and by its fp32 source."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from statistics import median

import cv2

from lapel.infer.prints import XFeatPrints
from lapel.infer.resemblance import decoded
from lapel.infer.tflite import Model
from lapel_tools.build_models import flatbuffer, prints

_LONGEST_PX = 480
"""References are compared as large as the picture that a watchlist keeps of them."""


def compare_prints(models: Path, kit: Path, cache: Path) -> None:
    """Print how often the reference with most weighed corners is of the right entry, and what a description costs."""
    split = json.loads((kit / "instances" / "split.json").read_text(encoding="utf-8"))["enrolled"]
    sources = {"fp32": flatbuffer.dump(prints.floating(cache)), "int8": (models / "prints.tflite").read_bytes()}
    for title, content in sources.items():
        network = XFeatPrints(partial(Model, content, title))
        references = [
            (entry, _kept(kit / "instances" / path)) for entry, facts in split.items() for path in facts["refs"]
        ]
        right, taken_ms = [], []
        for entry, facts in split.items():
            for path in facts["queries"]:
                picture = decoded((kit / "instances" / path).read_bytes())
                if picture is None:
                    raise ValueError(f"{path}: not a picture that OpenCV can decode")
                started = time.process_time()
                seen = network.describe(picture)
                taken_ms.append(1000 * (time.process_time() - started))
                found = [(network.agreement(picture, seen, kept), owner) for owner, kept in references]
                best = max(found, key=lambda pair: pair[0].corners if pair[0] else 0.0)
                right.append(best[0] is not None and best[1] == entry)
        print(
            f"prints: {title}: most agrees with the right entry for {sum(right)} of {len(right)} queries; "
            f"{median(taken_ms):.1f} ms a description, one thread",
            flush=True,
        )


def _kept(path: Path) -> bytes:
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"{path}: not there, or not a picture that OpenCV can decode")
    scale = min(1.0, _LONGEST_PX / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 85])[1])
