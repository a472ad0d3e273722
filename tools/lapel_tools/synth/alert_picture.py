"""The README's picture of an alert: the product's own report page about a rendered thing."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from lapel.alert.page import PAGE, PageAlerter
from lapel.alert.picture import jpeg
from lapel.core.geometry import Box, whole
from lapel.core.outline import as_one_wide
from lapel.core.things import Entry, Geometry, Hit, Kind, Pixels
from lapel.errors import HardwareError
from lapel.fakes.hit import made_up_hit, made_up_record
from lapel.infer.features import SiftFeatures
from lapel_tools.synth.things import Rendered, render

_SEED, _VIEW = 11, 1
_PAGE_PX = (1060, 1130)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_S = 120

_ENTRY = Entry(
    id="parcel-11",
    label="Parcel with a magenta band",
    kind=Kind.BOX,
    purpose="Stolen in transit, to be returned",
    case="2026-0412",
    authority="District court, order 88",
    expires=date(2026, 12, 31),
    contact="Property office, desk 4",
    check="The customs seal under the lid has number 8841-C",
)


def rendered_hit() -> Hit:
    """What an alert would be about the thing that the picture shows; its figures are made up."""
    reference, seen = render(_SEED), render(_SEED, _VIEW)
    height, width = seen.pixels.shape[:2]
    listed = _cut(reference)
    features = SiftFeatures()
    lies = features.verify(features.extract(seen.pixels), features.extract(listed))
    if lies is None:
        raise ValueError(f"drawn thing {_SEED}: its view {_VIEW} does not show the same side; draw another")
    motion = as_one_wide(np.array(lies.motion).reshape(3, 3), listed.shape[1])
    hit = made_up_hit(
        entry=_ENTRY,
        at_s=41.36,
        box=whole(width, height),
        pixels=seen.pixels,
        reference_picture=jpeg(listed),
        geometry=Geometry(inliers=187, share=0.44, box=_box(seen)),
    )
    return replace(hit, match=replace(hit.match, box=_box(seen), motion=tuple(motion.ravel().tolist())))


def draw_alert(path: Path) -> None:
    """Write the picture as PNG, through a browser without a window. Raises: HardwareError."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise HardwareError("chromium: not found, and it draws the page; on Debian: apt-get install chromium")
    with TemporaryDirectory() as folder:
        PageAlerter(Path(folder)).alert(rendered_hit(), replace(made_up_record(57), id="body-camera-3/57"))
        command = [browser, "--headless", "--disable-gpu", "--hide-scrollbars", f"--screenshot={path.absolute()}"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium's sandbox refuses root; the page is our own
        command += ["--window-size={},{}".format(*_PAGE_PX), (Path(folder) / PAGE).as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    if done.returncode != 0 or not path.is_file():
        raise HardwareError(f"{browser}: drew no picture (exit {done.returncode}): {done.stderr.strip()[-300:]}")


def _cut(thing: Rendered) -> Pixels:
    box = _box(thing).grown(1.1).clipped(thing.pixels.shape[1], thing.pixels.shape[0])
    return thing.pixels[box.y0 : box.y1, box.x0 : box.x1]


def _box(thing: Rendered) -> Box:
    rows, columns = np.flatnonzero(thing.outline.any(axis=1)), np.flatnonzero(thing.outline.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
