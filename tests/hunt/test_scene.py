"""The film of the hunt is what it must be: finders find its faces, and what is listed in it gives hits."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.capture.eye import CapturedEye
from lapel.capture.sources import open_source
from lapel.fakes.clock import FakeClock
from lapel.hunt.mark import likeness
from lapel.hunt.scene import scenes, write_film
from lapel.infer.finders import watching
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime

# Where a look takes tens of times as long, at x86's, the beginning has to do.
FRAMES = {Runtime.LITERT: 60, Runtime.TFLITE: 9}


@pytest.mark.models
def test_the_finders_find_every_face_of_the_film_in_every_frame(
    tmp_path: Path, models: ModelStore, runtime: Runtime
) -> None:
    """Without what is remembered from frame to frame, so that no leak of the hunt is one of a face not found."""
    film = write_film(tmp_path / "film.avi", FRAMES[runtime])
    eye = CapturedEye(open_source(str(film)), watching(models), FakeClock(), hold_frames=0)
    frames = [np.asarray(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY), np.uint8) for frame in eye.frames()]
    assert len(frames) == FRAMES[runtime]
    assert [number for number, frame in enumerate(frames[::4]) if likeness(frame).is_mark] == []


def test_a_film_is_the_same_each_time_and_another_with_another_seed() -> None:
    first, second, other = next(scenes(1, 4)), next(scenes(1, 4)), next(scenes(1, 5))
    assert (first == second).all()
    assert (first != other).any()


def test_a_written_film_has_as_many_frames_as_were_asked_for(tmp_path: Path) -> None:
    film = cv2.VideoCapture(str(write_film(tmp_path / "film.avi", 7)))
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 7
    film.release()
