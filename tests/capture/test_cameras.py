"""Cameras: what they grant is checked, what they deliver is converted, and addresses keep their passwords."""

import tracemalloc
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from footage import write_video
from lapel.capture.picamera import PiCamera
from lapel.capture.rtsp import RtspStream
from lapel.capture.source import without_password
from lapel.capture.sources import open_source
from lapel.capture.yuv import Layout, rgb_of_yuv
from lapel.core.things import Pixels
from lapel.errors import CameraLost, ConfigError, UsageError

WIDTH, HEIGHT = 64, 48


def scene() -> Pixels:
    """Four coloured quarters: constant over each 2 × 2 block, so that halved colour planes lose nothing."""
    pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    pixels[: HEIGHT // 2, : WIDTH // 2] = (200, 40, 40)
    pixels[: HEIGHT // 2, WIDTH // 2 :] = (40, 200, 40)
    pixels[HEIGHT // 2 :, : WIDTH // 2] = (40, 40, 200)
    pixels[HEIGHT // 2 :, WIDTH // 2 :] = (128, 128, 128)
    return pixels


def camera_buffer(layout: Layout, stride: int) -> NDArray[np.uint8]:
    """The scene as a camera's buffer, rows padded to ``stride`` with rubbish, more rubbish behind it."""
    packed = np.asarray(cv2.cvtColor(scene(), cv2.COLOR_RGB2YUV_I420), np.uint8).ravel()
    luma = packed[: WIDTH * HEIGHT].reshape(HEIGHT, WIDTH)
    blue, red = packed[WIDTH * HEIGHT :].reshape(2, HEIGHT // 2, WIDTH // 2)

    def padded(rows: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
        wide = np.full((len(rows), length), 99, np.uint8)
        wide[:, : rows.shape[1]] = rows
        return wide.ravel()

    if layout is Layout.NV12:
        pairs = np.stack([blue, red], axis=-1).reshape(HEIGHT // 2, WIDTH)
        planes = [padded(luma, stride), padded(pairs, stride)]
    else:
        planes = [padded(luma, stride), padded(blue, stride // 2), padded(red, stride // 2)]
    return np.concatenate([*planes, np.full(4096, 99, np.uint8)])


class RecordedPiCamera:
    """What picamera2's camera object does, as far as it is used, with a recorded buffer and a granted configuration."""

    def __init__(self, granted: dict[str, Any], buffer: NDArray[np.uint8]) -> None:
        self._granted = granted
        self._buffer = buffer
        self.is_open = True
        self.released = 0
        self.handed_out: list[NDArray[np.uint8]] = []

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:
        return wanted

    def configure(self, configuration: dict[str, Any]) -> None:
        assert configuration["main"]["format"] == "YUV420"

    def camera_configuration(self) -> dict[str, Any]:
        return {"main": self._granted}

    def start(self) -> None:
        pass

    def capture_request(self, wait: float) -> "RecordedPiCamera":
        assert wait > 0
        return self

    def make_buffer(self, stream: str) -> NDArray[np.uint8]:
        assert stream == "main"
        self.handed_out.append(self._buffer.copy())  # as picamera2 does
        return self.handed_out[-1]

    def release(self) -> None:
        self.released += 1

    def close(self) -> None:
        self.is_open = False


def granted(layout: str = "YUV420", stride: int = 128, size: tuple[int, int] = (WIDTH, HEIGHT)) -> dict[str, Any]:
    return {"size": size, "format": layout, "stride": stride}


@pytest.mark.parametrize("stride", [WIDTH, WIDTH + 32, 192])
@pytest.mark.parametrize("layout", list(Layout))
def test_a_camera_buffer_becomes_the_scene_whatever_its_stride(layout: Layout, stride: int) -> None:
    pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    rgb_of_yuv(camera_buffer(layout, stride), layout, WIDTH, HEIGHT, stride, pixels)
    assert np.abs(pixels.astype(int) - scene()).max() <= 4


@pytest.mark.parametrize(("width", "height", "stride"), [(63, 48, 64), (64, 47, 64), (64, 48, 62), (64, 48, 65)])
def test_sizes_that_do_not_fit_the_layout_are_refused(width: int, height: int, stride: int) -> None:
    with pytest.raises(ValueError, match="is no NV12 picture"):
        rgb_of_yuv(camera_buffer(Layout.NV12, 64), Layout.NV12, width, height, stride, scene())


def test_a_buffer_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="4608 needed"):
        rgb_of_yuv(np.zeros(4607, np.uint8), Layout.YUV420, WIDTH, HEIGHT, WIDTH, scene())


@pytest.mark.parametrize("layout", list(Layout))
def test_a_pi_camera_delivers_what_it_granted(layout: Layout) -> None:
    recorded = RecordedPiCamera(granted(layout.value), camera_buffer(layout, 128))
    camera = PiCamera(0, WIDTH, HEIGHT, 25, lambda number: recorded)
    camera.open()
    first, second = camera.read(), camera.read()
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (0, 1)
    assert np.abs(first.pixels.astype(int) - scene()).max() <= 4
    assert recorded.released == 2


def test_what_a_pi_camera_hands_out_is_overwritten_once_it_is_rgb() -> None:
    recorded = RecordedPiCamera(granted(), camera_buffer(Layout.YUV420, 128))
    camera = PiCamera(0, WIDTH, HEIGHT, 25, lambda number: recorded)
    camera.open()
    assert camera.read() is not None
    assert [buffer.any() for buffer in recorded.handed_out] == [False]


@pytest.mark.parametrize("layout", list(Layout))
def test_a_camera_buffer_is_copied_once_on_its_way(layout: Layout) -> None:
    width, height, stride = 640, 480, 704
    buffer, pixels = np.zeros(height * 3 // 2 * stride, np.uint8), np.empty((height, width, 3), np.uint8)
    tracemalloc.start()
    try:
        rgb_of_yuv(buffer, layout, width, height, stride, pixels)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1.1 * width * height * 3 // 2


def test_a_pi_camera_that_grants_another_size_is_refused_and_closed() -> None:
    recorded = RecordedPiCamera(granted(size=(640, 480)), camera_buffer(Layout.YUV420, 128))
    with pytest.raises(ConfigError, match=r"picamera:0: asked for 64×48 px, the camera grants 640×480"):
        PiCamera(0, WIDTH, HEIGHT, 25, lambda number: recorded).open()
    assert not recorded.is_open


def test_a_pi_camera_that_grants_another_format_is_refused() -> None:
    recorded = RecordedPiCamera(granted("MJPEG"), camera_buffer(Layout.YUV420, 128))
    with pytest.raises(ConfigError, match="grants format MJPEG, not YUV420 or NV12"):
        PiCamera(0, WIDTH, HEIGHT, 25, lambda number: recorded).open()


def test_a_pi_camera_that_falls_silent_is_lost() -> None:
    class Silent(RecordedPiCamera):
        def capture_request(self, wait: float) -> RecordedPiCamera:
            raise TimeoutError("no request in time")

    camera = PiCamera(0, WIDTH, HEIGHT, 25, lambda number: Silent(granted(), camera_buffer(Layout.YUV420, 128)))
    camera.open()
    with pytest.raises(CameraLost, match="no request in time"):
        camera.read()


def test_a_pi_camera_without_its_library_names_the_package() -> None:
    with pytest.raises(ConfigError, match="apt install python3-picamera2"):
        open_source("picamera:0")


def test_a_stream_that_nobody_serves_is_lost_and_its_password_unsaid() -> None:
    stream = RtspStream("rtsp://guard:s3cret@127.0.0.1:9/live", timeout_ms=500)
    with pytest.raises(CameraLost) as lost:
        stream.open()
    assert str(lost.value) == "rtsp://127.0.0.1:9/live: no stream within 500 ms; check address, login and network"


def test_a_stream_that_is_cut_is_lost(tmp_path: Path) -> None:
    stream = RtspStream(str(write_video(tmp_path / "stands-for-a-stream.mp4", 3)))
    stream.open()
    numbers = [raw.number for raw in (stream.read(), stream.read(), stream.read()) if raw is not None]
    with pytest.raises(CameraLost, match="the stream was cut"):
        stream.read()
    stream.close()
    assert numbers == [0, 1, 2]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://10.0.0.9/live", "rtsp://10.0.0.9/live"),
        ("rtsp://guard:a@b@10.0.0.9:554/live", "rtsp://10.0.0.9:554/live"),
        ("rtsp://guard:a/b@10.0.0.9/live", "rtsp://10.0.0.9/live"),
        ("RTSP://guard:a@10.0.0.9/live", "RTSP://10.0.0.9/live"),
        ("rtsp://10.0.0.9/live?user=guard&password=a", "rtsp://10.0.0.9/live?…"),
        ("clips/a@b?.mp4", "clips/a@b?.mp4"),
    ],
)
def test_a_login_is_never_part_of_a_name(address: str, shown: str) -> None:
    assert without_password(address) == shown


def test_a_camera_without_a_number_is_refused() -> None:
    with pytest.raises(UsageError, match="uvc:front: 'front' is not a camera number; write uvc:0"):
        open_source("uvc:front")


@pytest.mark.parametrize("number", ["1000", "9" * 5000, "-1", ""])
def test_a_number_that_no_camera_has_is_refused(number: str) -> None:
    with pytest.raises(UsageError, match="is not a camera number; write uvc:0"):
        open_source(f"uvc:{number}")


def test_an_address_that_lapel_does_not_open_is_refused_with_its_password_unsaid() -> None:
    with pytest.raises(UsageError, match="http://camera/x: no http address can be watched; give rtsp://") as refusal:
        open_source("http://user:secret@camera/x")
    assert "secret" not in str(refusal.value)


def test_the_scheme_of_a_source_may_be_written_large() -> None:
    with pytest.raises(CameraLost, match="/dev/video97 cannot be opened"):
        open_source("UVC:97")
