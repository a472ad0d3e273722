"""The doctor takes one picture of a camera that no watch holds, shows that it does, and never its password."""

import json
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory

from lapel.alert import pins as board_pins
from lapel.capture import sources
from lapel.capture.raw import RawFrame
from lapel.cli.main import main
from lapel.config.profile import Camera, Pins, load_profile
from lapel.core.things import Pixels
from lapel.errors import ConfigError, HardwareError, UsageError
from lapel.fakes.camera import RecordedCamera
from lapel.health.clock import SystemClock
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring import doctor_camera
from lapel.wiring.doctor_sandbox import OVER_NETWORK, UNIT
from rtsp_rig import MJPEG, network_camera

NOBODY = "rtsp://guard:s3cret@127.0.0.1:1/live"


def examined(source: str, pins: Pins | None = None, state: Path | None = None, longest_s: float = 30.0) -> str:
    camera = Camera(source, 64, 48)
    return doctor_camera.examine_camera(camera, pins or Pins(), state, longest_s)


def test_a_usb_camera_that_is_not_there_is_a_finding() -> None:
    with pytest.raises(HardwareError, match=r"uvc:97: there is no /dev/video97; plug the camera in"):
        examined("uvc:97")


def test_a_usb_camera_without_a_number_is_refused() -> None:
    with pytest.raises(UsageError, match=r"uvc:abc: 'abc' is not a camera number; write uvc:0"):
        examined("uvc:abc")


def test_a_network_camera_that_does_not_answer_is_a_finding_and_its_password_is_never_shown() -> None:
    with pytest.raises(HardwareError, match=r"^rtsp://127\.0\.0\.1:1/live: refused") as refused:
        examined(NOBODY)
    assert "s3cret" not in str(refused.value)


def test_a_network_camera_cannot_be_reached_by_the_unit_that_has_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_camera, "unit_around", lambda: UNIT)
    with pytest.raises(ConfigError, match=f"rtsp://127.0.0.1:1/live: {UNIT} has no network; .* {OVER_NETWORK}"):
        examined(NOBODY)


def test_a_network_camera_is_fine_once_it_delivered_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_camera, "unit_around", lambda: OVER_NETWORK)
    with network_camera(MJPEG) as camera:
        said = examined(camera.address)
    assert said == f"{camera.address} delivers pictures of 64×48 px; one was taken, and overwritten"


def test_a_camera_that_takes_the_call_and_says_nothing_is_not_waited_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"rtsp://127.0.0.1:{server.getsockname()[1]}/live"
        with pytest.raises(HardwareError, match=r"no picture within 0\.2 s; take it out of power"):
            examined(address, longest_s=0.2)


def test_the_camera_of_a_lookout_that_runs_is_its_own_and_not_opened(state: Path) -> None:
    with SealedJournal(state / JOURNAL, FileKey(state / "device.key"), SystemClock()):
        said = examined(NOBODY, state=state)
    assert said.startswith("rtsp://127.0.0.1:1/live: held by the lookout (process ")


def test_while_the_doctor_takes_a_picture_the_light_is_on_and_nothing_of_it_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board, lit, taken = MockFactory(), list[bool](), list[Pixels]()

    def wrapped(pixels: Pixels, number: int, at_s: float) -> RawFrame:
        taken.append(pixels)
        return RawFrame(pixels, number, at_s)

    camera = RecordedCamera(
        wrapped,
        [np.full((48, 64, 3), 200, np.uint8)] * 3,
        before_read=lambda number: lit.append(bool(board.pin(17).state)),
    )
    monkeypatch.setattr(board_pins, "_board", lambda: board)
    monkeypatch.setitem(sources.CAMERAS, "picamera", lambda spec, wanted: camera)
    examined("picamera:0", Pins(17))
    assert (lit, board.pin(17).states[-1].state, camera.closed) == ([True], False, 1)
    assert [pixels.any() for pixels in taken] == [False]


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this board has pins")
def test_no_picture_is_taken_where_the_light_cannot_show_it() -> None:
    with pytest.raises((HardwareError, ConfigError), match="pins: "):
        examined(NOBODY, Pins(17))


def test_a_profile_without_a_camera_has_none_to_examine(capsys: pytest.CaptureFixture[str]) -> None:
    assert replace(load_profile("ci-video").camera, source="") == load_profile("ci-video").camera
    main(["doctor", "--json"])
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert found["camera"]["said"] == "none in this profile: a recording is named at the start"
