"""A profile's file with what was measured in the place of estimates; all else stays as it was written. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date

_SPARE = 0.8
"""Share of a board's time that frames may take: it has other things to do, and heat slows it down."""
_SAID = re.compile(r"^# (?:Figures are planning estimates|Measured with) .*\n+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Measured:
    """What ``lapel bench loop`` found: where, when, at which size, under which runtime, and how dear a frame is."""

    machine: str
    day: date
    size_px: tuple[int, int]
    runtime: str
    frames: int
    ms_a_frame: float
    peak_mib: float

    def fps(self, wanted: float) -> float:
        """The rate that this machine bears with time to spare, at most what is wanted; in tenths, at least .1."""
        return min(wanted, max(1, int(_SPARE * 1000 / self.ms_a_frame * 10)) / 10)


def with_measured(text: str, measured: Measured, wanted_fps: float) -> str:
    """The text of a profile that says what was measured."""
    width, height = measured.size_px
    said = (
        f"# Measured with `lapel bench loop`, {measured.frames} frames of {width}×{height}: "
        f"{measured.ms_a_frame:.1f} ms a frame, {measured.peak_mib:.0f} MiB at most; camera.fps leaves a fifth of the "
        "time, all else is as planned.\n\n"
    )
    text = _SAID.sub("", text)
    for table, key, value in (
        ("board", "measured", "true"),
        ("board", "machine", json.dumps(measured.machine)),
        ("board", "measured_on", json.dumps(measured.day.isoformat())),
        ("models", "runtime", json.dumps(measured.runtime)),
        ("camera", "fps", f"{measured.fps(wanted_fps):g}"),
    ):
        text = with_value(text, table, key, value)
    return text.replace("[board]", f"{said}[board]", 1)


def with_value(text: str, table: str, key: str, value: str) -> str:
    """The text of a profile with one value changed, as TOML writes it, its comment kept, or added to its table."""
    before, heading, rest = text.partition(f"[{table}]")
    if not heading:
        return f"{text.rstrip()}\n\n[{table}]\n{key} = {value}\n"
    own, following, others = rest.partition("\n[")
    line = re.compile(rf'^{key}\s*=\s*(?:"[^"]*"|[^#\n]*?)(\s*#.*)?$', re.MULTILINE)
    changed, count = line.subn(lambda found: f"{key} = {value}{found[1] or ''}", own, count=1)
    if not count:
        top, newline, values = own.partition("\n")
        changed = f"{top}\n{key} = {value}{newline}{values}"
    return before + heading + changed + following + others
