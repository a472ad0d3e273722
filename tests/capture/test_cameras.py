"""Cameras: what they grant is checked, what they deliver is converted, and addresses keep their passwords."""

import os
import tracemalloc

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.capture.picamera import PiCamera
from lapel.capture.rtsp import RtspStream
from lapel.capture.source import without_password
from lapel.capture.sources import open_source
from lapel.capture.uvc import UvcCamera
from lapel.capture.yuv import Layout, rgb_of_yuv
from lapel.core.things import Pixels
from lapel.errors import CameraLost, ConfigError, UsageError
from pi_camera import BT601, BT709, HEIGHT, SYCC, WIDTH, ColourSpace, RecordedPiCamera, buffer_of, granted


def scene() -> Pixels:
    """Four coloured quarters: constant over each 2 × 2 block, so that halved colour planes lose nothing."""
    pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    pixels[: HEIGHT // 2, : WIDTH // 2] = (200, 40, 40)
    pixels[: HEIGHT // 2, WIDTH // 2 :] = (40, 200, 40)
    pixels[HEIGHT // 2 :, : WIDTH // 2] = (40, 40, 200)
    pixels[HEIGHT // 2 :, WIDTH // 2 :] = (128, 128, 128)
    return pixels


def camera_buffer(layout: Layout, stride: int) -> NDArray[np.uint8]:
    return buffer_of(scene(), layout, stride)


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
    camera = PiCamera(0, WIDTH, HEIGHT, 25, lambda number: (recorded, BT601))
    camera.open()
    first, second = camera.read(), camera.read()
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (0, 1)
    assert np.abs(first.pixels.astype(int) - scene()).max() <= 4
    assert recorded.released == 2


def test_what_a_pi_camera_hands_out_is_overwritten_once_it_is_rgb() -> None:
    recorded = RecordedPiCamera(granted(), camera_buffer(Layout.YUV420, 128))
    camera = PiCamera(0, WIDTH, HEIGHT, 25, lambda number: (recorded, BT601))
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
        PiCamera(0, WIDTH, HEIGHT, 25, lambda number: (recorded, BT601)).open()
    assert not recorded.is_open


def test_a_pi_camera_that_grants_another_format_is_refused() -> None:
    recorded = RecordedPiCamera(granted("MJPEG"), camera_buffer(Layout.YUV420, 128))
    with pytest.raises(ConfigError, match="grants format MJPEG, not YUV420 or NV12"):
        PiCamera(0, WIDTH, HEIGHT, 25, lambda number: (recorded, BT601)).open()


def test_a_pi_camera_of_720p_is_asked_for_the_colours_by_which_its_pictures_are_decoded() -> None:
    recorded = RecordedPiCamera(granted(stride=1280, size=(1280, 720)), np.zeros(0, np.uint8))
    PiCamera(0, 1280, 720, 25, lambda number: (recorded, BT601)).open()
    assert recorded.asked["colour_space"] == BT601


@pytest.mark.parametrize("colours", [BT709, SYCC, None])
def test_a_pi_camera_that_grants_other_colours_is_refused_and_closed(colours: ColourSpace | None) -> None:
    recorded = RecordedPiCamera(granted(), camera_buffer(Layout.YUV420, 128), colours=colours)
    with pytest.raises(
        ConfigError, match=rf"asked for colours by BT\.601, limited range, the camera grants {colours};"
    ):
        PiCamera(0, WIDTH, HEIGHT, 25, lambda number: (recorded, BT601)).open()
    assert not recorded.is_open


def test_a_pi_camera_that_falls_silent_is_lost() -> None:
    class Silent(RecordedPiCamera):
        def capture_request(self, wait: float) -> RecordedPiCamera:
            raise TimeoutError("no request in time")

    silent = Silent(granted(), camera_buffer(Layout.YUV420, 128))
    camera = PiCamera(0, WIDTH, HEIGHT, 25, lambda number: (silent, BT601))
    camera.open()
    with pytest.raises(CameraLost, match="no request in time"):
        camera.read()


def test_a_pi_camera_is_asked_for_frames_of_one_length_and_for_an_exposure_where_the_profile_says_one() -> None:
    asked = []
    for exposure_us in (0, 8000):
        recorded = RecordedPiCamera(granted(), camera_buffer(Layout.YUV420, 128))
        PiCamera(0, WIDTH, HEIGHT, 25, lambda number, made=recorded: (made, BT601), exposure_us).open()
        asked.append(recorded.asked["controls"])
    every = {"FrameDurationLimits": (40_000, 40_000)}
    assert asked == [every, {**every, "ExposureTime": 8000}]


@pytest.mark.parametrize(("fps", "is_refused"), [(60, False), (61, True), (0.1, False), (0.09, True)])
def test_a_rate_that_the_sensor_does_not_give_is_refused_and_not_clipped(fps: float, is_refused: bool) -> None:
    recorded = RecordedPiCamera(granted(), camera_buffer(Layout.NV12, 64))
    camera = PiCamera(0, WIDTH, HEIGHT, fps, lambda number: (recorded, BT601))
    if not is_refused:
        camera.open()
        return
    with pytest.raises(ConfigError, match=r"the camera gives 0\.1 to 60 at this size; set camera\.fps"):
        camera.open()


def test_a_pi_camera_that_broke_and_cannot_even_be_closed_is_opened_again() -> None:
    class Broken(RecordedPiCamera):
        def capture_request(self, wait: float) -> RecordedPiCamera:
            raise RuntimeError("camera frontend has timed out")

        def close(self) -> None:
            raise RuntimeError("cannot be stopped")

    buffer = camera_buffer(Layout.YUV420, 128)
    made = [Broken(granted(), buffer), RecordedPiCamera(granted(), buffer)]
    camera = PiCamera(0, WIDTH, HEIGHT, 25, lambda number: (made.pop(0), BT601))
    camera.open()
    with pytest.raises(CameraLost, match="frontend has timed out"):
        camera.read()
    camera.open()
    assert camera.read() is not None


def test_a_request_is_released_where_its_picture_cannot_be_made() -> None:
    recorded = RecordedPiCamera(granted(), np.zeros(10, np.uint8))
    camera = PiCamera(0, WIDTH, HEIGHT, 25, lambda number: (recorded, BT601))
    camera.open()
    with pytest.raises(ValueError, match="buffer of 10 bytes"):
        camera.read()
    assert recorded.released == 1


def test_a_pi_camera_without_its_library_names_the_package() -> None:
    with pytest.raises(ConfigError, match="apt install python3-picamera2"):
        open_source("picamera:0")


class UvcDriver:
    """What is used of OpenCV's capture of a V4L2 device: it grants its own size and rate, whatever is asked."""

    def __init__(self, fps: float, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        self._granted = {cv2.CAP_PROP_FPS: fps, cv2.CAP_PROP_FRAME_WIDTH: size[0], cv2.CAP_PROP_FRAME_HEIGHT: size[1]}
        self.is_released = False

    def isOpened(self) -> bool:
        return True

    def set(self, key: int, value: float) -> bool:
        return True

    def get(self, key: int) -> float:
        return float(self._granted[key])

    def release(self) -> None:
        self.is_released = True


def usb_camera(monkeypatch: pytest.MonkeyPatch, driver: UvcDriver) -> UvcCamera:
    monkeypatch.setattr("lapel.capture.uvc.Capture", lambda number, backend: driver)
    return UvcCamera(0, WIDTH, HEIGHT, 25)


@pytest.mark.parametrize(("fps", "size"), [(10, (64, 48)), (23.9, (64, 48)), (25, (640, 480))])
def test_a_usb_camera_that_grants_a_slower_rate_or_another_size_is_refused_with_what_it_grants(
    fps: float, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = UvcDriver(fps, size)
    grants = (
        f"the camera grants {fps} at this size; set camera.fps = {fps}" if fps != 25 else "the camera grants 640×480"
    )
    with pytest.raises(ConfigError, match=grants):
        usb_camera(monkeypatch, driver).open()
    assert driver.is_released


@pytest.mark.parametrize(
    ("granted", "fps"), [(24, 24), (25, 25), (30, 30), (-1, 25), (float("nan"), 25), (float("inf"), 25)]
)
def test_a_usb_camera_that_grants_nearly_the_rate_or_more_or_does_not_say_is_used(
    granted: float, fps: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = usb_camera(monkeypatch, UvcDriver(granted))
    camera.open()
    assert camera.fps == fps


def test_a_usb_camera_that_falls_silent_is_lost_before_the_watchdog_ends_the_watch() -> None:
    assert float(os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"]) == 5


def test_a_stream_that_nobody_serves_is_lost_and_its_password_unsaid() -> None:
    stream = RtspStream("rtsp://guard:s3cret@127.0.0.1:9/live")
    with pytest.raises(CameraLost, match=r"rtsp://127\.0\.0\.1:9/live: refused, or sends no pictures") as lost:
        stream.open()
    assert "s3cret" not in str(lost.value)


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
