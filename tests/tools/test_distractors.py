"""Distractors are the same at every call, as many as asked for, and no blank walls where there is a choice."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.core.geometry import Box
from lapel.fakes.finder import FixedFinder
from lapel_tools.evaluate.distractors import distractors


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture that is blank but for its right third."""
    pixels = np.full((300, 600, 3), 128, np.uint8)
    pixels[:, 400:] = np.random.default_rng(1).integers(0, 255, (300, 200, 3), np.uint8)
    path = tmp_path / "picture.png"
    assert cv2.imwrite(str(path), pixels)
    return path


def test_the_same_distractors_come_at_every_call(picture: Path) -> None:
    one, again = (list(distractors((picture,), (), (FixedFinder(),), 20)) for _ in range(2))
    assert len(one) == 20
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(one, again, strict=True))


def test_drawn_things_come_last_and_with_their_outline(picture: Path) -> None:
    made = list(distractors((picture,), (), (FixedFinder(),), 20))
    assert [outline is not None for _, outline in made] == [False] * 17 + [True] * 3
    pixels, outline = made[-1]
    assert outline is not None
    assert outline.shape == pixels.shape[:2]


def test_most_parts_have_something_in_them(picture: Path) -> None:
    parts = [pixels for pixels, outline in distractors((picture,), (), (FixedFinder(),), 40) if outline is None]
    assert np.mean([part.std() > 18 for part in parts]) > 0.9


def test_parts_are_cut_from_what_redaction_left(picture: Path) -> None:
    finder = FixedFinder((Box(0, 0, 600, 300),))
    parts = [pixels for pixels, outline in distractors((picture,), (), (finder,), 20) if outline is None]
    assert max(float(part.std()) for part in parts) == 0
