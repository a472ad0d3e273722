"""Measures how often a list would be wrong, and sets its thresholds so that it keeps a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from lapel.capture.picture import SUFFIXES
from lapel.config.profile import Profile
from lapel.core.calibrate import WATCHING
from lapel.core.calibration import Load, Plan, plan
from lapel.core.gallery import Gallery
from lapel.errors import UsageError
from lapel.wiring.seeing import Seeing
from lapel_tools.calibrate.episodes import EPISODES_PER_HOUR, Shown, looks_at, of_clip, of_looks
from lapel_tools.calibrate.shipped import WHAT_IS_SHIPPED, shipped_looks
from lapel_tools.progress import Progress

FEWEST_EPISODES = 200
"""From 200 the rates of 600 others came out within a factor of 2, from 100 not always (evaluate.expectation)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is held to. ``scenes``: folders of pictures and clips of the site without a listed thing in them;
    none for what is shipped, ``things`` drawn ones among it."""

    budget_per_hour: float
    scenes: tuple[Path, ...]
    things: int


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What a list is measured with."""

    seeing: Seeing
    profile: Profile
    today: date
    progress: Progress


def calibrated(gallery: Gallery, wanted: Wanted, bench: Bench) -> tuple[Gallery, Plan]:
    """The list as its next version, with the thresholds that keep the budget, and how they came about.

    Raises: UsageError for scenes that show too little, MediaError.
    """
    next_version = replace(gallery, terms=replace(gallery.terms, version=gallery.terms.version + 1), calibration=None)
    shown = [_shown(scene, next_version, bench) for scene in wanted.scenes] or [_shipped(next_version, wanted, bench)]
    impostors = tuple(impostor for each in shown for impostor in each.impostors)
    if len(impostors) < FEWEST_EPISODES:
        where = ", ".join(map(str, wanted.scenes)) or WHAT_IS_SHIPPED
        raise UsageError(
            f"{len(impostors)} tracks and looks in {where}: at least {FEWEST_EPISODES} are needed; "
            + ("give more pictures, or a longer clip" if wanted.scenes else "give more --things")
        )
    load = Load(
        next_version.terms.version,
        ", ".join(scene.name for scene in wanted.scenes) or WHAT_IS_SHIPPED,
        tuple(sorted({reference.entry_id for reference in gallery.references})),
        gallery.decoys,
        _episodes_per_hour(shown),
        wanted.budget_per_hour,
        are_scenes_drawn=not wanted.scenes,
    )
    planned = plan(impostors, load)
    return replace(next_version, calibration=planned.calibration), planned


def _shipped(gallery: Gallery, wanted: Wanted, bench: Bench) -> Shown:
    watchlist = bench.seeing.recall(gallery, WATCHING, lambda: bench.today)
    return of_looks(shipped_looks(wanted.things, bench.progress), watchlist)


def _shown(scene: Path, gallery: Gallery, bench: Bench) -> Shown:
    if not scene.is_dir():
        return of_clip(scene, bench.seeing, bench.profile, gallery)
    pictures, _ = files_of(scene)
    if not pictures:
        raise UsageError(f"--scene {scene}: holds no picture ({', '.join(sorted(SUFFIXES))}); give another folder")
    watchlist = bench.seeing.recall(gallery, WATCHING, lambda: bench.today)
    looks = looks_at(bench.progress.each(pictures, "pictures"), bench.seeing, bench.profile)
    return of_looks(looks, watchlist)


def files_of(folder: Path) -> tuple[tuple[Path, ...], int]:
    """The pictures in a folder and below, and how many other files are passed over."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    pictures = tuple(path for path in files if path.suffix.lower() in SUFFIXES)
    return pictures, len(files) - len(pictures)


def _episodes_per_hour(shown: Sequence[Shown]) -> float:
    """As clips have it, where there are any."""
    seconds = sum(each.seconds for each in shown)
    in_clips = sum(len(each.impostors) for each in shown if each.seconds)
    return 3600 * in_clips / seconds if seconds else EPISODES_PER_HOUR
