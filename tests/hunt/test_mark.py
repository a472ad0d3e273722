"""The mark of a drawn face is found after whatever happens to pictures, and in no picture without one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import noise, street_clip
from lapel.core.things import Pixels
from lapel.hunt.face import drawn
from lapel.hunt.mark import HALF, WHOLE, Likeness, likeness
from lapel.hunt.scene import scenes, thing
from lapel_tools.synth.things import render

Change = Callable[[Pixels], Pixels]


def with_face(head_px: int = 96) -> Pixels:
    """A face on a wall of soft colours."""
    rough = np.random.default_rng(5).integers(60, 200, (12, 20, 3), np.uint8)
    wall = np.asarray(cv2.resize(rough, (320, 180), interpolation=cv2.INTER_CUBIC), np.uint8)
    return drawn(head_px).on(wall, 80, 20)


def grey(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def jpeg(quality: int) -> Change:
    def change(pixels: Pixels) -> Pixels:
        encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)

    return change


def resized(scale: float) -> Change:
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return lambda pixels: np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how), np.uint8)


CHANGES: dict[str, Change] = {
    "as it is": lambda pixels: pixels,
    **{f"JPEG at quality {quality}": jpeg(quality) for quality in (60, 75, 95)},
    **{f"resized to {scale}": resized(scale) for scale in (0.25, 0.35, 0.5, 0.71, 1.37, 2.0)},
    "a quarter, then JPEG": lambda pixels: jpeg(75)(resized(0.25)(pixels)),
    "mirrored": lambda pixels: pixels[:, ::-1],
    "in negative": lambda pixels: 255 - pixels,
    "at night": lambda pixels: (pixels * 0.2).astype(np.uint8),
    "red alone": lambda pixels: np.repeat(pixels[..., :1], 3, axis=2),
    "blue alone": lambda pixels: np.repeat(pixels[..., 2:], 3, axis=2),
    "blurred": lambda pixels: np.asarray(cv2.GaussianBlur(pixels, (0, 0), 2.0), np.uint8),
    "with noise": lambda pixels: np.clip(pixels + (noise(320, 180).astype(int) - 128) // 4, 0, 255).astype(np.uint8),
}


@pytest.mark.parametrize("head_px", [90, 96, 140])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_mark_is_found_whatever_was_done_to_the_picture(change: Change, head_px: int) -> None:
    assert likeness(grey(np.ascontiguousarray(change(with_face(head_px))))).is_mark


@pytest.mark.parametrize("side", ["upper", "lower", "left", "right"])
def test_a_mark_of_which_half_was_covered_is_found(side: str) -> None:
    figure, picture = drawn(96), with_face()
    x0, y0, x1, y1 = (edge + corner for edge, corner in zip(figure.mark, (80, 20, 80, 20), strict=True))
    half_x, half_y = (x0 + x1) // 2, (y0 + y1) // 2
    rest = {"upper": (half_y, 0), "lower": (0, half_y), "left": (0, half_x), "right": (half_x, 0)}
    start, stop = rest[side]
    if side in ("upper", "lower"):
        picture[start : stop or None] = 127
    else:
        picture[:, start : stop or None] = 127
    found = likeness(grey(picture))
    assert found.is_mark
    assert found.whole < WHOLE


@pytest.mark.parametrize("number", [0, 100, 250, 399])
def test_both_faces_of_a_scene_carry_a_mark_that_is_found(number: int) -> None:
    frame = list(scenes(number + 1))[-1]
    left, right = frame[:, :200], frame[:, 200:]
    assert likeness(grey(left)).is_mark
    assert likeness(grey(right)).is_mark


def test_the_scene_without_its_faces_has_no_mark() -> None:
    assert not likeness(grey(thing())).is_mark


def clean() -> Iterator[Pixels]:
    """Pictures without a mark: noise, squares, drawn things, frames of the street."""
    for seed in range(3):
        yield noise(120, 90, seed)
        cells = noise(10 + 9 * seed, 8 + 7 * seed, seed)
        yield np.asarray(cv2.resize(cells, (120, 90), interpolation=cv2.INTER_NEAREST), np.uint8)
        yield render(seed).pixels
    film = cv2.VideoCapture(str(street_clip()))
    for number in range(250):
        is_there, frame = film.read()
        assert is_there
        if number % 50 == 0:
            yield np.asarray(cv2.resize(frame, (320, 136), interpolation=cv2.INTER_AREA), np.uint8)
    film.release()


def test_no_picture_without_a_mark_comes_near_to_being_taken_for_one() -> None:
    found = [likeness(grey(picture)) for picture in clean()]
    assert max(each.whole for each in found) < WHOLE - 0.08
    assert max(each.half for each in found) < HALF - 0.06


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_no_picture_of_the_kit_comes_near_to_being_taken_for_one(kit: Path) -> None:
    pictures = sorted((kit).rglob("*.jpg"))[::3]
    found: list[Likeness] = []
    for path in pictures:
        picture = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)
        scale = 400 / max(picture.shape)
        found.append(likeness(np.asarray(cv2.resize(picture, None, fx=scale, fy=scale), np.uint8)))
    assert len(found) > 50
    print(f"{len(found)} pictures: {max(e.whole for e in found):.3f} whole, {max(e.half for e in found):.3f} half")
    assert [each for each in found if each.is_mark] == []
