"""Video files: every frame in order, and one clear line about every file that is no good."""

from pathlib import Path

import cv2
import pytest

from footage import FPS, picture, write_picture, write_video
from lapel.capture.raw import RawFrame
from lapel.capture.video import VideoFile
from lapel.errors import MediaError


def opened(path: Path) -> VideoFile:
    video = VideoFile(path)
    video.open()
    return video


def all_of(video: VideoFile) -> list[RawFrame]:
    frames = []
    while (frame := video.read()) is not None:
        frames.append(frame)
    return frames


def refusal(path: Path) -> str:
    with pytest.raises(MediaError) as refused:
        opened(path)
    return str(refused.value)


def test_every_frame_comes_once_and_in_order(tmp_path: Path) -> None:
    frames = all_of(opened(write_video(tmp_path / "clip.mp4", 12)))
    assert [frame.number for frame in frames] == list(range(12))
    greys = [float(frame.pixels.mean()) for frame in frames]
    assert greys == sorted(greys)
    assert greys[-1] - greys[0] == pytest.approx(8 * 11, abs=3)


def test_times_are_those_of_the_container(tmp_path: Path) -> None:
    frames = all_of(opened(write_video(tmp_path / "clip.mp4", 5)))
    assert [frame.at_s for frame in frames] == pytest.approx([number / FPS for number in range(5)])


def test_pixels_are_red_green_blue(tmp_path: Path) -> None:
    red = picture()
    red[:] = (250, 10, 10)
    path = tmp_path / "red.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (64, 48))
    writer.write(red[..., ::-1].copy())
    writer.release()
    first = all_of(opened(path))[0]
    assert first.pixels[20, 20, 0] > 200
    assert first.pixels[20, 20, 2] < 60


def test_the_end_of_a_whole_file_is_told_as_such(tmp_path: Path) -> None:
    video = opened(write_video(tmp_path / "clip.mp4", 5))
    all_of(video)
    assert video.ending.endswith("end of file after 5 frames")


def test_a_file_opened_again_starts_again(tmp_path: Path) -> None:
    video = opened(write_video(tmp_path / "clip.mp4", 3))
    all_of(video)
    video.open()
    assert [frame.number for frame in all_of(video)] == [0, 1, 2]


def test_a_file_that_ends_earlier_than_it_says_is_told_as_truncated(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.avi", 40)
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.6)])
    video = opened(cut)
    count = len(all_of(video))
    assert 0 < count < 40
    assert f"ended early: {count} of 40 frames" in video.ending


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.mp4") == f"{tmp_path}/gone.mp4: no such file; check the path"


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert "the file is empty (0 bytes)" in refusal(tmp_path / "empty.mp4")


def test_a_file_without_its_index_is_called_truncated(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", 30)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[:-400])
    assert "cut.mp4: truncated or not a video" in refusal(tmp_path / "cut.mp4")


@pytest.mark.parametrize("content", [b"a letter\n" * 9, b"#EXTM3U\nhttp://192.0.2.1/live.ts\n", bytes(64)])
def test_a_file_that_is_no_video_is_refused_without_asking_a_decoder(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "letter.mp4").write_bytes(content)
    assert "letter.mp4: not a video (starts with" in refusal(tmp_path / "letter.mp4")


def test_a_picture_is_not_played_as_a_video(tmp_path: Path) -> None:
    assert "not a video" in refusal(write_picture(tmp_path / "photo.jpg", picture()))


def test_a_refusal_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = write_video(tmp_path / "whole.mp4", 30)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[:-400])
    capfd.readouterr()
    message = refusal(tmp_path / "cut.mp4")
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")
