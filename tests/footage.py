"""Small videos and pictures for tests, and where the demo's street clip lies."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.capture.sources import open_source
from lapel.core.geometry import Box, mask_of
from lapel.core.things import Pixels
from lapel_tools.demo.fetch import clip_path

FPS = 25.0


def picture(grey: int = 90, width: int = 64, height: int = 48) -> Pixels:
    """An evenly grey picture."""
    return np.full((height, width, 3), grey, np.uint8)


def noise(width: int = 64, height: int = 48, seed: int = 0) -> Pixels:
    """A picture in which no two areas are alike."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def write_video(path: Path, frames: int = 10, width: int = 64, height: int = 48) -> Path:
    """A video whose frame n is evenly grey at 20 + 8·n; MP4, or Motion JPEG where the name ends in .avi."""
    code = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), FPS, (width, height))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(picture(20 + 8 * number % 220, width, height))
    writer.release()
    return path


def patient_profile(folder: Path) -> Path:
    """The profile of tests with all the time that redaction may need on a busy machine."""
    text = (Path(__file__).parents[1] / "hardware-profiles/ci-video.toml").read_text(encoding="utf-8")
    path = folder / "patient.toml"
    path.write_text(re.sub(r"(?m)^late_ms = \d+", "late_ms = 60000", text), encoding="utf-8")
    return path


def write_picture(path: Path, pixels: Pixels) -> Path:
    """A picture file of RGB pixels, in the format that the name says."""
    assert cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return path


def street_clip() -> Path:
    """bikes.mp4 where tools/demo keeps it, or where LAPEL_CLIP says; skips where there is none."""
    given = os.environ.get("LAPEL_CLIP", "")
    clip = Path(given) if given else clip_path()
    if not clip.is_file():
        pytest.skip("the street clip bikes.mp4: run tools/demo once, or set LAPEL_CLIP")
    return clip


def street_frames() -> list[Pixels]:
    """Every frame of the street clip, RGB u8[h, w, 3], as it was filmed."""
    source = open_source(str(street_clip()))
    pixels = [raw.pixels for raw in iter(source.read, None)]
    source.close()
    return pixels


def share_covered(box: Box, areas: Iterable[Box], pixels: Pixels) -> float:
    """How much of a box in a picture some areas cover, 0..1."""
    height, width = pixels.shape[:2]
    inside = box.clipped(width, height)
    return float(mask_of(areas, width, height)[inside.y0 : inside.y1, inside.x0 : inside.x1].mean())
