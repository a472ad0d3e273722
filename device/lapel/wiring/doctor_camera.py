"""Whether the camera of a profile can be there: its device, its library, or the way to it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from lapel.capture.source import without_password
from lapel.errors import ConfigError, HardwareError
from lapel.wiring.doctor_sandbox import OVER_NETWORK, UNIT, unit_around


def examine_camera(source: str) -> str:
    """What the camera is called. A watch may have it open, so it is not opened. Raises: HardwareError, ConfigError."""
    scheme, _, number = source.partition(":")
    shown = without_password(source)
    if scheme == "uvc" and not Path(f"/dev/video{number}").exists():
        raise HardwareError(f"{source}: there is no /dev/video{number}; plug the camera in, or name another source")
    if scheme == "picamera" and find_spec("picamera2") is None:
        raise ConfigError(
            f"{source}: picamera2 is not installed; apt install python3-picamera2, and make the environment with "
            "--system-site-packages"
        )
    if scheme.lower() in {"rtsp", "rtsps"} and unit_around() == UNIT:
        raise ConfigError(
            f"{shown}: {UNIT} has no network; systemctl mask it, and enable {OVER_NETWORK} with the camera's address"
        )
    return shown or "none in this profile: a recording is named at the start"
