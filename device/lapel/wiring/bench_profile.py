"""Measures the watch loop for a profile, and writes the profile that says what was measured, where and when."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from lapel.capture.source import without_password
from lapel.capture.sources import size_of
from lapel.config.measured import Measured, with_measured
from lapel.config.profile import Profile, load_profile, profile_file
from lapel.errors import UsageError
from lapel.health.machine import Machine
from lapel.store.atomic import write_whole
from lapel.wiring.bench import LoopFigures

LEAST_FRAMES = 100


def refuse_other_size(source: str, profile: Profile) -> tuple[int, int]:
    """The size of a recording's pictures, which must be what the profile asks its camera for: a smaller one costs less.

    Raises: UsageError, MediaError.
    """
    size_px, wanted_px = size_of(source), (profile.camera.width_px, profile.camera.height_px)
    if size_px != wanted_px:
        raise UsageError(
            f"{without_password(source)}: its pictures are {size_px[0]}×{size_px[1]}, the profile asks its camera for "
            f"{wanted_px[0]}×{wanted_px[1]}; measure with a recording of that size"
        )
    return size_px


def write_measured(
    base: str, target: Path, profile: Profile, size_px: tuple[int, int], figures: LoopFigures, machine: Machine
) -> Profile:
    """Write what was measured into a copy of the profile ``base`` at ``target``, and read it back.

    Raises: UsageError for what was too short to say anything, StoreError.
    """
    reading = figures.outcome.reading
    if reading.frames < LEAST_FRAMES:
        raise UsageError(f"{reading.frames} frames were measured; give a recording of {LEAST_FRAMES} or more")
    ms_a_frame = sum(stage.total_s for stage in reading.stages) * 1000 / reading.frames
    measured = Measured(
        machine.board,
        datetime.now(UTC).date(),
        size_px,
        profile.models.runtime,
        reading.frames,
        ms_a_frame,
        reading.peak_rss_mib,
    )
    given = profile_file(base)
    text = with_measured(given.read_text(encoding="utf-8"), measured, profile.camera.fps)
    # The lookout's user reads it, and others only where they did: a network camera's password may be in it.
    before = (target if target.exists() else given).stat()
    write_whole(target, [text.encode()])
    if os.geteuid() == 0:
        os.chown(target, before.st_uid, before.st_gid)
    target.chmod(before.st_mode & 0o777)
    return load_profile(target)
