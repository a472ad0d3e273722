"""The doctor says whether a camera can be there, and never shows its password."""

import pytest

from lapel.errors import ConfigError, HardwareError
from lapel.wiring.doctor_camera import examine_camera
from lapel.wiring.doctor_sandbox import OVER_NETWORK, UNIT

ADDRESS = "rtsp://guard:s3cret@192.168.60.20/live"


def test_a_usb_camera_that_is_not_there_is_a_finding() -> None:
    with pytest.raises(HardwareError, match=r"uvc:97: there is no /dev/video97; plug the camera in"):
        examine_camera("uvc:97")


def test_the_password_of_a_network_camera_is_never_shown() -> None:
    assert examine_camera(ADDRESS) == "rtsp://192.168.60.20/live"


def test_a_network_camera_cannot_be_reached_by_the_unit_that_has_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapel.wiring.doctor_camera.unit_around", lambda: UNIT)
    with pytest.raises(ConfigError, match=f"rtsp://192.168.60.20/live: {UNIT} has no network; .* {OVER_NETWORK}"):
        examine_camera(ADDRESS)


def test_a_network_camera_is_fine_in_its_own_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapel.wiring.doctor_camera.unit_around", lambda: OVER_NETWORK)
    assert examine_camera(ADDRESS) == "rtsp://192.168.60.20/live"
