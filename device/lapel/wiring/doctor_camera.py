"""Whether the camera of a profile delivers pictures: one is taken, by what a watch takes them with, and overwritten."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread

from lapel.capture.source import without_password
from lapel.capture.sources import Wanted, size_of
from lapel.config.profile import Camera, Pins
from lapel.core.body import Capture
from lapel.errors import ConfigError, HardwareError
from lapel.health.clock import SystemClock
from lapel.wiring.body import body_of
from lapel.wiring.doctor_running import watching
from lapel.wiring.doctor_sandbox import OVER_NETWORK, UNIT, unit_around
from lapel.wiring.memory_walls import forbid_dumps

# A network camera is given 15 s to tell what it sends and 5 s for a picture, all others less (capture.rtsp).
LONGEST_S = 30.0


def examine_camera(camera: Camera, pins: Pins, state: Path | None, longest_s: float = LONGEST_S) -> str:
    """What the camera delivers; not opened while a watch has it. Raises: HardwareError, ConfigError, UsageError."""
    scheme, _, number = camera.source.partition(":")
    shown = without_password(camera.source)
    if not shown:
        return "none in this profile: a recording is named at the start"
    if scheme == "uvc" and number.isdecimal() and not Path(f"/dev/video{number}").exists():
        raise HardwareError(f"{shown}: there is no /dev/video{number}; plug the camera in, or name another source")
    if scheme.lower() in {"rtsp", "rtsps"} and unit_around() == UNIT:
        raise ConfigError(
            f"{shown}: {UNIT} has no network; systemctl mask it, and enable {OVER_NETWORK} with the camera's address"
        )
    if held := watching(state):
        return f"{shown}: {held}"
    forbid_dumps()
    wanted = Wanted(camera.width_px, camera.height_px, camera.fps, camera.exposure_us)
    with body_of(pins, True, SystemClock()) as body:
        if body is not None:  # for the doctor, too, nobody is before a camera unseen
            body.show(Capture.LOOKING)
        width_px, height_px = _within(longest_s, shown, lambda: size_of(camera.source, wanted))
    return f"{shown} delivers pictures of {width_px}×{height_px} px; one was taken, and overwritten"


def _within(longest_s: float, shown: str, ask: Callable[[], tuple[int, int]]) -> tuple[int, int]:
    """What is answered in that time. A driver that hangs is left to its thread, which ends with this process and
    overwrites what may come until then."""
    answered: Future[tuple[int, int]] = Future()

    def answer() -> None:
        try:
            answered.set_result(ask())
        except Exception as error:  # noqa: BLE001  the top of a thread: raised where it is awaited
            answered.set_exception(error)

    Thread(target=answer, name="camera", daemon=True).start()
    try:
        return answered.result(longest_s)
    except TimeoutError as error:
        raise HardwareError(f"{shown}: no picture within {longest_s:g} s; take it out of power for a moment") from error
