"""What was destroyed is gone, and a frame that cannot be redacted does not pass."""

import copy
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import noise, write_picture
from lapel.capture.destroy import FILL
from lapel.capture.raw import RawFrame
from lapel.capture.redact import Redactor
from lapel.capture.still import redact_still
from lapel.core.geometry import Box
from lapel.core.things import Frame, Pixels
from lapel.errors import CannotRedact
from lapel.fakes.finder import FixedFinder, ScriptedFinder

FACE = Box(20, 10, 40, 34)


def raw(pixels: Pixels, number: int = 0) -> RawFrame:
    return RawFrame(pixels.copy(), number, number / 25)


def redacted(redactor: Redactor, frame: RawFrame) -> Frame:
    """The frame that leaves for one that comes, without any delay."""
    redactor.take(frame)
    (waiting,) = redactor.due()
    return waiting.frame()


def is_destroyed(pixels: Pixels, box: Box) -> bool:
    return bool((pixels[box.y0 : box.y1, box.x0 : box.x1] == FILL).all())


def test_a_found_area_holds_nothing_of_what_was_there() -> None:
    frames = [redacted(Redactor([FixedFinder([FACE])]), raw(noise(seed=seed))) for seed in range(8)]
    cut = [frame.pixels[FACE.y0 : FACE.y1, FACE.x0 : FACE.x1] for frame in frames]
    assert all((area == cut[0]).all() for area in cut)
    assert np.ptp(cut[0], axis=(0, 1)).tolist() == [0, 0, 0]


def test_enlarging_or_averaging_destroyed_areas_brings_no_structure_back() -> None:
    face = noise(seed=1)
    redactor = Redactor([FixedFinder([FACE])])
    seen = [redacted(redactor, raw(np.clip(face.astype(int) + n, 0, 255).astype(np.uint8), n)).pixels for n in range(6)]
    average = np.mean([pixels[FACE.y0 : FACE.y1, FACE.x0 : FACE.x1] for pixels in seen], axis=0)
    enlarged = cv2.resize(average, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    assert float(enlarged.std()) < 1e-6


def test_what_is_outside_the_areas_is_left_as_it_was() -> None:
    picture = noise()
    frame = redacted(Redactor([FixedFinder([FACE])]), raw(picture))
    outside = np.ones(picture.shape[:2], np.bool_)
    outside[FACE.y0 : FACE.y1, FACE.x0 : FACE.x1] = False
    np.testing.assert_array_equal(frame.pixels[outside], picture[outside])


def test_an_area_that_reaches_over_the_border_is_destroyed_up_to_it() -> None:
    frame = redacted(Redactor([FixedFinder([Box(-30, -20, 15, 12), Box(900, 900, 950, 950)])]), raw(noise()))
    assert frame.destroyed == (Box(0, 0, 15, 12),)
    assert is_destroyed(frame.pixels, Box(0, 0, 15, 12))


def test_a_frame_says_what_was_destroyed() -> None:
    frame = redacted(Redactor([FixedFinder([FACE]), FixedFinder([FACE.grown(0.5), Box(50, 30, 60, 40)])]), raw(noise()))
    assert frame.destroyed == (FACE, Box(50, 30, 60, 40))


@pytest.mark.parametrize(("width", "height"), [(8, 8), (320, 4), (11, 11), (1, 1), (1, 40)])
def test_pictures_too_small_to_measure_motion_in_pass_redacted(width: int, height: int) -> None:
    redactor, all_of_it = Redactor([FixedFinder([Box(0, 0, width, height)])], 3, 2), Box(0, 0, width, height)
    for number in range(4):
        redactor.take(raw(noise(width, height), number))
    assert all(is_destroyed(waiting.frame().pixels, all_of_it) for waiting in redactor.rest())


def test_raw_pixels_are_overwritten_whatever_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object, **named: object) -> None:
        raise cv2.error("no memory")

    frame = raw(noise())
    monkeypatch.setattr(cv2, "cvtColor", fail)
    with pytest.raises(cv2.error):
        Redactor([FixedFinder()]).take(frame)
    assert not frame.pixels.any()


def test_the_smaller_copy_that_finders_of_a_still_look_at_is_overwritten() -> None:
    class Keeping(FixedFinder):
        def find(self, pixels: Pixels) -> tuple[Box, ...]:
            self.seen = pixels
            return super().find(pixels)

    finder, picture = Keeping(), noise(4000, 20)
    redact_still(picture, [finder])
    assert finder.seen.shape[1] == 1920
    assert not finder.seen.any()
    assert picture.any()


def test_raw_pixels_are_overwritten_once_a_frame_is_made() -> None:
    frame = raw(noise())
    redacted(Redactor([FixedFinder()]), frame)
    assert not frame.pixels.any()


def test_a_frame_shares_no_memory_with_the_raw_one_and_cannot_be_written() -> None:
    source = raw(noise())
    frame = redacted(Redactor([FixedFinder()]), source)
    assert not np.shares_memory(frame.pixels, source.pixels)
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0, 0] = 1


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError("no memory for tensors"),
        ValueError("wrong shape"),
        IndexError("no such output"),
        cv2.error("resize"),
    ],
)
def test_a_frame_whose_finder_fails_does_not_pass_and_is_overwritten(failure: Exception) -> None:
    source = raw(noise())
    with pytest.raises(CannotRedact, match="ScriptedFinder: could not look for faces"):
        redacted(Redactor([FixedFinder(), ScriptedFinder([failure])]), source)
    assert not source.pixels.any()


@pytest.mark.parametrize(
    "nonsense",
    [
        (Box(40, 10, 20, 34),),
        (Box(20, 10, 20, 34),),
        ((20, 10, 40, 34),),
        (Box(float("nan"), 10, 40, 34),),  # type: ignore[arg-type]
        None,
        7,
    ],
)
def test_a_frame_whose_finder_answers_nonsense_does_not_pass(nonsense: object) -> None:
    with pytest.raises(CannotRedact):
        redacted(Redactor([ScriptedFinder([nonsense])]), raw(noise()))  # type: ignore[list-item]


def test_redaction_without_a_finder_is_refused() -> None:
    with pytest.raises(ValueError, match="would pass every face"):
        Redactor([])
    with pytest.raises(ValueError, match="would pass every face"):
        redact_still(noise(), [])


def test_a_finder_cannot_change_the_picture() -> None:
    class Painter:
        def find(self, pixels: Pixels) -> tuple[Box, ...]:
            pixels[:] = 0
            return ()

    with pytest.raises(CannotRedact, match="read-only"):
        redacted(Redactor([Painter()]), raw(noise()))


def test_a_face_that_is_lost_stays_destroyed_for_the_frames_of_the_hold() -> None:
    redactor = Redactor([ScriptedFinder([(FACE,)])], hold_frames=3)
    states = [is_destroyed(redacted(redactor, raw(noise(seed=n), n)).pixels, FACE) for n in range(6)]
    assert states == [True, True, True, True, False, False]


def test_a_held_area_grows_while_nothing_is_found() -> None:
    redactor = Redactor([ScriptedFinder([(FACE,)])], hold_frames=2)
    areas = [redacted(redactor, raw(noise(), n)).destroyed[0] for n in range(3)]
    assert areas[0].area < areas[1].area < areas[2].area


def test_a_face_found_again_is_held_anew_and_not_twice() -> None:
    redactor = Redactor([ScriptedFinder([(FACE,)] * 5)], hold_frames=1)
    for n in range(5):
        last = redacted(redactor, raw(noise(), n))
    assert len(last.destroyed) <= 2
    assert is_destroyed(redacted(redactor, raw(noise(), 5)).pixels, FACE)
    assert redacted(redactor, raw(noise(), 6)).destroyed == ()


def test_a_failed_frame_does_not_make_redaction_forget() -> None:
    redactor = Redactor([ScriptedFinder([(FACE,), RuntimeError("busy")])], hold_frames=1)
    redacted(redactor, raw(noise(), 0))
    with pytest.raises(CannotRedact):
        redacted(redactor, raw(noise(), 1))
    assert is_destroyed(redacted(redactor, raw(noise(), 2)).pixels, FACE)


def test_a_raw_frame_cannot_be_copied_pickled_or_printed() -> None:
    frame = raw(noise())
    for carry_away in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            carry_away(frame)
    assert repr(frame) == "RawFrame(number=0, at_s=0.000)"


def test_a_large_still_is_destroyed_at_its_full_size(tmp_path: Path) -> None:
    class CornerFinder:
        """Finds the lower right tenth of whatever it is shown."""

        def find(self, pixels: Pixels) -> tuple[Box, ...]:
            height, width = pixels.shape[:2]
            assert max(height, width) <= 1920
            return (Box(width * 9 // 10, height * 9 // 10, width, height),)

    picture = noise(4000, 1000)
    frame = redact_still(write_picture(tmp_path / "wide.png", picture), [CornerFinder()])
    assert frame.pixels.shape == picture.shape
    assert is_destroyed(frame.pixels, Box(3600, 900, 4000, 1000))
    np.testing.assert_array_equal(frame.pixels[:800, :3500], picture[:800, :3500])


def test_a_still_given_as_pixels_is_not_changed() -> None:
    picture = noise()
    before = picture.copy()
    redact_still(picture, [FixedFinder([FACE])])
    np.testing.assert_array_equal(picture, before)


def test_a_still_whose_finder_fails_does_not_pass() -> None:
    with pytest.raises(CannotRedact):
        redact_still(noise(), [ScriptedFinder([RuntimeError("no memory")])])
