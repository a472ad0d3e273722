"""A profile: what the hardware is and what it can bear. What is wanted on site stands in the site file."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

from lapel.config.loader import choice, load, number
from lapel.errors import ConfigError

_BESIDE_THE_CHECKOUT = Path(__file__).parents[3] / "hardware-profiles"
_INSIDE_THE_WHEEL = Path(__file__).parents[1] / "profiles"
NO_PIN = -1
_LAST_PIN = 27  # of the 40-pin header


@dataclass(frozen=True, slots=True)
class Board:
    """Which machine the figures are for, and whether ``lapel bench`` ran there to find them.

    ``model`` begins the name that such a board gives itself, empty where any machine will do. ``machine`` and
    ``measured_on`` say where and when, and are written with ``measured``.
    """

    name: str
    measured: bool
    model: str = ""
    machine: str = ""
    measured_on: str = ""

    def foreign_to(self, machine: str) -> str:
        """Why the figures are none of this machine's; empty where they are, or may be."""
        if self.measured and machine != self.machine:
            was = f"was measured on {self.machine}"
        elif not machine.startswith(self.model):
            was = f"is for {self.model}"
        else:
            return ""
        return (
            f"profile {self.name}: {was}, and this is {machine}: its figures are another board's; take this board's "
            "profile, or measure one: lapel bench loop --write-profile"
        )


@dataclass(frozen=True, slots=True)
class Camera:
    """Where frames come from. ``source`` is a file, a folder, ``uvc:0``, ``rtsp://…`` or ``picamera:0``; sizes and
    rate are asked of cameras only, ``exposure_us`` of a Pi's camera; 0: as long as it thinks best."""

    source: str = ""
    width_px: int = number(1280, 64, 8192)
    height_px: int = number(720, 64, 8192)
    fps: float = number(25.0, 0.1, 240.0)
    exposure_us: int = number(0, 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class Models:
    """How networks run. ``delegate`` is an accelerator's shared library, empty for none."""

    runtime: str = choice("ai-edge-litert", "tflite-runtime")
    delegate: str = ""
    threads: int = number(1, 1, 16)


@dataclass(frozen=True, slots=True)
class Redaction:
    """How faces are covered. One that was found stays covered for ``hold_frames`` frames after it was last found, and
    is covered in the ``delay_frames`` frames before: close looks are spread over so many. A live frame
    that still waits ``late_ms`` after that is overwritten and dropped."""

    hold_frames: int = number(3, 0, 100)
    delay_frames: int = number(5, 0, 50)
    late_ms: int = number(250, 100, 60_000)


@dataclass(frozen=True, slots=True)
class Gate:
    """Which looks at a thing are good enough, and how many of them may be spent.

    ``proposal_looks_per_second`` are on top of ``looks_per_second``, each of the best of ``proposals`` boxes; 0: none.
    """

    shortest_side_px: int = number(32, 16, 4096)
    looks_per_second: float = number(4.0, 0.1, 240.0)
    proposal_looks_per_second: float = number(2.0, 0.0, 240.0)
    proposals: int = number(10, 1, 100)


@dataclass(frozen=True, slots=True)
class Ring:
    """What is held in memory for a clip: redacted stills. How long it reaches back stands in the site file."""

    stills_per_second: float = number(5.0, 0.5, 30.0)
    longest_side_px: int = number(960, 64, 3840)


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """How much storage records may take."""

    quota_mib: int = number(512, 1, 1_048_576)


@dataclass(frozen=True, slots=True)
class Pins:
    """What is wired to the board, by GPIO number; ``NO_PIN`` where nothing is. Outputs are on when high; a button
    connects its pin to ground. Where anything is wired, there is a light that says whether one looks."""

    light: int = number(NO_PIN, NO_PIN, _LAST_PIN)
    motor: int = number(NO_PIN, NO_PIN, _LAST_PIN)
    buzzer: int = number(NO_PIN, NO_PIN, _LAST_PIN)
    yes: int = number(NO_PIN, NO_PIN, _LAST_PIN)
    no: int = number(NO_PIN, NO_PIN, _LAST_PIN)


@dataclass(frozen=True, slots=True)
class Profile:
    """A hardware profile, one field a table of the file."""

    board: Board
    camera: Camera = field(default_factory=Camera)
    models: Models = field(default_factory=Models)
    redaction: Redaction = field(default_factory=Redaction)
    gate: Gate = field(default_factory=Gate)
    ring: Ring = field(default_factory=Ring)
    journal: JournalLimits = field(default_factory=JournalLimits)
    pins: Pins = field(default_factory=Pins)


def profiles_folder() -> Path:
    """Where the shipped profiles lie: inside the wheel, or in the checkout that is being worked on."""
    return _INSIDE_THE_WHEEL if _INSIDE_THE_WHEEL.is_dir() else _BESIDE_THE_CHECKOUT


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with Lapel."""
    return tuple(sorted(path.stem for path in profiles_folder().glob("*.toml")))


def profile_file(path: Path | str) -> Path:
    """A profile's file, by its path or by the name of a shipped one. Raises: ConfigError."""
    given = Path(path)
    if given.suffix == ".toml" or given.exists():
        return given
    if str(path) not in shipped_profiles():
        raise ConfigError(f"{path}: no such profile; give a .toml file or one of {', '.join(shipped_profiles())}")
    return profiles_folder() / f"{path}.toml"


def load_profile(path: Path | str) -> Profile:
    """A profile by its file, or by the name of a shipped one. Raises: ConfigError."""
    given = profile_file(path)
    profile = load(given, Profile)
    _check_pins(given, profile.pins)
    if profile.board.measured and not (profile.board.machine and profile.board.measured_on):
        raise ConfigError(
            f"{given}: board.measured: true: without machine and measured_on; lapel bench loop --write-profile writes "
            "them, with what it measured"
        )
    if profile.camera.exposure_us > 1e6 / profile.camera.fps:
        raise ConfigError(
            f"{given}: camera.exposure_us: {profile.camera.exposure_us}: is longer than a frame lasts at "
            f"{profile.camera.fps:g} fps; at most {1e6 / profile.camera.fps:.0f}"
        )
    return profile


def _check_pins(path: Path, pins: Pins) -> None:
    """One part a pin, and what a part needs of another. Raises: ConfigError."""
    wired = {each.name: pin for each in fields(pins) if (pin := getattr(pins, each.name)) != NO_PIN}
    for name, pin in wired.items():
        if (other := next(other for other in wired if wired[other] == pin)) != name:
            raise ConfigError(f"{path}: pins.{name}: {pin}: is the pin of {other} as well; give each a pin of its own")
    if wired and "light" not in wired:
        raise ConfigError(f"{path}: pins.light: missing; whoever is seen must see whether the camera looks")
    if ("yes" in wired) != ("no" in wired):
        missing = "no" if "yes" in wired else "yes"
        raise ConfigError(f"{path}: pins.{missing}: missing; capture is stopped by both buttons")
