"""Hand-held clips with frame truth: made the same each time, read by an evaluation, scored against what is in view."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.config.profile import load_profile
from lapel.core.adr import is_valid
from lapel.core.geometry import Box
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel.wiring.seeing import open_seeing
from lapel_tools.evaluate.frame_truth import ClipTruth, TrueTrack, of_truth, score
from lapel_tools.evaluate.kit import Kit
from lapel_tools.evaluate.results import VideoHit, VideoResult
from lapel_tools.synth.__main__ import main
from lapel_tools.synth.clip_kit import UNLISTED_EVERY, grounds_in, list_of, planned, write_clips
from lapel_tools.synth.clips import Shown, make_clip
from lapel_tools.synth.handheld import FRAMES, HEIGHT_PX, WIDTH_PX

TRACK = TrueTrack("crate", {n: Box(100 + n, 50, 200 + n, 150) for n in range(25, 50)})
TRUTH = ClipTruth(25.0, (TRACK,), is_synthetic=True)


def result(*hits: VideoHit, file: str = "a.mp4") -> VideoResult:
    return VideoResult(file, 100, hits, 0, len(hits))


@pytest.mark.parametrize("shown", list(Shown))
def test_the_same_seed_gives_the_same_clip(shown: Shown) -> None:
    one, other = make_clip(shown, 5), make_clip(shown, 5)
    frames = [next(clip.frames())[0] for clip in (one, other)]
    assert np.array_equal(*frames)
    assert frames[0].shape == (HEIGHT_PX, WIDTH_PX, 3)


def test_a_thing_comes_into_view_and_goes_out_again() -> None:
    clip = make_clip(Shown.COVER, 1)
    in_view = [clip.box(number) is not None for number in range(FRAMES)]
    assert (in_view[0], in_view[FRAMES // 2], in_view[-1]) == (False, True, False)
    assert sum(in_view) > FRAMES / 3


def test_the_truth_lies_on_the_thing() -> None:
    clip = make_clip(Shown.PANEL, 2)
    number = FRAMES // 2
    frame = next(pixels for n, (pixels, _) in enumerate(clip.frames()) if n == number)
    box = clip.box(number)
    assert box is not None
    middle = cv2.cvtColor(frame[box.y0 : box.y1, box.x0 : box.x1], cv2.COLOR_RGB2HSV)[..., 0]
    assert 3 <= np.median(middle) <= 22  # the hue of orange
    assert is_valid(clip.code)


def test_a_kit_of_clips_is_one_that_an_evaluation_reads(tmp_path: Path) -> None:
    seeing = open_seeing(load_profile("ci-video"))
    listed = write_clips(tmp_path, 1, (), seeing, frames=8)
    kit = Kit(tmp_path)
    kit.check("video")
    truths = kit.truths()
    assert set(truths) == set(kit.clips()) == {f"synthetic-{shown.value}-000.mp4" for shown in Shown}
    assert {track.entry for truth in truths.values() for track in truth.tracks} == {clip.name for clip in listed}
    gallery = list_of(listed, seeing, SystemClock().today())
    assert {entry.id for entry in gallery.entries} == {clip.name for clip in listed}
    assert {reference.entry_id for reference in gallery.references} == {c.name for c in listed if not c.code}


def test_a_share_of_the_clips_shows_what_is_not_listed() -> None:
    plan = list(planned(2 * UNLISTED_EVERY))
    assert sum(not is_listed for _, _, is_listed in plan) == 2 * len(Shown)


def test_a_folder_without_pictures_is_no_ground(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no pictures there"):
        grounds_in(tmp_path)
    assert grounds_in(None) == ()


def test_a_hit_while_the_thing_is_in_view_finds_it_and_says_how_late() -> None:
    found = score(
        result(VideoHit(1.4, "crate", Box(130, 50, 230, 150)), VideoHit(1.8, "crate", Box(0, 0, 9, 9))), TRUTH
    )
    assert (found.found, found.tracks, found.right, found.placed, found.wrong) == (1, 1, 2, 1, 0)
    assert found.delays_s == (pytest.approx(0.4),)


def test_a_hit_that_holds_the_thing_is_placed_on_it() -> None:
    assert score(result(VideoHit(1.4, "crate", Box(0, 0, 640, 480))), TRUTH).placed == 1


@pytest.mark.parametrize("hit", [VideoHit(0.5, "crate", Box(130, 50, 230, 150)), VideoHit(1.4, "box", Box(0, 0, 9, 9))])
def test_a_hit_of_what_is_not_in_view_is_wrong(hit: VideoHit) -> None:
    found = score(result(hit), TRUTH)
    assert (found.found, found.right, found.wrong) == (0, 0, 1)


def test_a_code_may_be_told_a_moment_after_it_was_seen() -> None:
    assert score(result(VideoHit(3.0, "crate", Box(0, 0, 640, 480))), TRUTH).right == 1
    assert score(result(VideoHit(4.0, "crate", Box(0, 0, 640, 480))), TRUTH).wrong == 1


def test_figures_on_synthetic_clips_are_called_so() -> None:
    lines = of_truth([result(file="a.mp4"), result(file="b.mp4")], {"a.mp4": TRUTH, "b.mp4": ClipTruth(25.0, (), True)})
    assert all(line.startswith("synthetic clips") for line in lines)
    assert "0 of 1" in lines[0]
    assert lines[2] == "synthetic clips without a listed thing: 0 hits in 1 clips"


def test_nothing_is_said_of_clips_without_truth() -> None:
    assert of_truth([result()], {}) == ()


def test_no_kit_is_made_without_clips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["synth", "clips", "--out", str(tmp_path / "kit"), "--count", "0"])
    assert main() == 2
    assert "--count 0: give at least 1" in capsys.readouterr().err
    assert not (tmp_path / "kit").exists()
