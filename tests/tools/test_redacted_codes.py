"""What redaction costs the reading of codes is counted scene by scene, on both sides."""

import numpy as np

from lapel.core.things import Pixels
from lapel_tools.evaluate.redacted_codes import Cost, cost_of
from lapel_tools.report.share import Share


def scene(number: int) -> Pixels:
    """A picture that says its number in its first pixel."""
    return np.full((2, 2, 3), number, np.uint8)


def first_pixel(pixels: Pixels) -> set[str]:
    value = int(pixels[0, 0, 0])
    return {str(value)} if value else set()


def test_a_code_that_redaction_destroys_is_counted_as_read_before_it_alone() -> None:
    scenes = iter([(scene(1), "1"), (scene(2), "2")])
    cost = cost_of(scenes, first_pixel, lambda pixels: scene(0) if pixels[0, 0, 0] == 1 else pixels)
    assert cost == Cost(Share(2, 2), Share(1, 2), 0)


def test_what_is_read_in_a_redacted_scene_and_is_not_there_is_wrong() -> None:
    cost = cost_of(iter([(scene(1), "1")]), first_pixel, lambda pixels: scene(7))
    assert cost == Cost(Share(1, 1), Share(0, 1), 1)
