"""Examines a device before a shift: models, keys, storage, clock, camera, memory."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from lapel.capture.buffers import is_lockable
from lapel.config.profile import NO_PIN, Pins, Profile
from lapel.config.site import PHONE, Site
from lapel.core.search import directions
from lapel.errors import ConfigError, HardwareError, LapelError
from lapel.health.clock import MADE, SystemClock
from lapel.infer.golden import FURTHEST, check_golden
from lapel.infer.learned import LEARNED, check_learned
from lapel.infer.manifest import ModelStore
from lapel.infer.shard import SearchSelfTestFailed, Shard, Share
from lapel.infer.tflite import Runtime
from lapel.ports import Clock, KeyProvider
from lapel.wiring.board import examine_board
from lapel.wiring.body import body_of
from lapel.wiring.doctor_broker import examine_broker
from lapel.wiring.doctor_camera import examine_camera
from lapel.wiring.doctor_contact import examine_contact
from lapel.wiring.doctor_list import examine_list
from lapel.wiring.doctor_lock import examine_lock
from lapel.wiring.doctor_running import watching
from lapel.wiring.doctor_sandbox import examine_limits, examine_sandbox
from lapel.wiring.link import site_endpoint
from lapel.wiring.whereabouts import examine_gps

_MIB = 2**20
# One frame is decoded, one turned to RGB, one waits to be taken, one is looked at.
_BUFFERS_BESIDE_THE_LINE = 4
_TRY_DUMPS = "from lapel.wiring.memory_walls import forbid_dumps; forbid_dumps()"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about one thing. ``said`` names the remedy where it is not fine."""

    name: str
    is_fine: bool
    said: str


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined; None where a thing is not set up and so cannot be wrong (models: the committed ones)."""

    profile: Profile
    state: Path | None = None
    keys: Callable[[], KeyProvider] | None = None
    watchlist: Path | None = None
    watchlist_keys: Callable[[], KeyProvider] | None = None
    models_folder: Path | None = None
    site: Site | None = None


def examine(patient: Patient) -> Iterator[Verdict]:
    """One verdict a check, as each is made."""
    models = ModelStore(
        patient.models_folder,
        runtime=Runtime(patient.profile.models.runtime),
        delegate=patient.profile.models.delegate or None,
        threads=patient.profile.models.threads,
    )
    for name in models.cards:
        yield _verdict(f"model {name}", partial(_model, models, name))
    yield _verdict("search", lambda: _search(Runtime(patient.profile.models.runtime)))
    yield _verdict("board", lambda: examine_board(patient.profile.board))
    yield _verdict("clock", lambda: _clock(SystemClock()))
    yield _verdict("memory", _memory)
    yield _verdict("raw pixels", lambda: _raw_pixels(patient.profile))
    yield _verdict("core dumps", _core_dumps)
    yield _verdict("sandbox", examine_sandbox)
    yield _verdict("limits", examine_limits)
    yield from examine_given(patient, models.describing_sha256)
    # Last: once a raw picture was here, this process speaks to nobody.
    yield _verdict("camera", lambda: examine_camera(patient.profile.camera, patient.profile.pins, patient.state))


def examine_given(patient: Patient, model_sha256: str) -> Iterator[Verdict]:
    """Verdicts on what this device alone has: pins, its way to the broker, what it keeps.

    ``model_sha256`` must have made its list.
    """
    if patient.profile.pins.light != NO_PIN:
        yield _verdict("pins", lambda: _pins(patient.profile.pins, patient.state))
    if patient.site is not None and (endpoint := site_endpoint(patient.site)) is not None:
        who, now = patient.site.device, datetime.now(UTC)
        yield _verdict("broker", lambda: examine_broker(endpoint, who.site, who.name, now))
    if patient.site is not None and (gps := patient.site.gps.socket) is not None:
        yield _verdict("gps", lambda: examine_gps(gps))
    state, keys, watchlist, opens = patient.state, patient.keys, patient.watchlist, patient.watchlist_keys
    if state is not None:
        yield _verdict("state folder", lambda: _state(state, patient.profile.journal.quota_mib))
    if state is not None and patient.site is not None and patient.site.state.unlock == PHONE:
        yield _verdict("lock", lambda: examine_lock(state))
    if keys is not None:
        yield _verdict("key", lambda: _key(keys))
    if state is not None and keys is not None:
        lease_hours = patient.site.watchlist.lease_hours if patient.site is not None else 0.0
        yield _verdict("contact", lambda: examine_contact(state, keys(), SystemClock(), lease_hours))
    if watchlist is not None and opens is not None:
        yield _verdict("watchlist", lambda: examine_list(watchlist, opens, model_sha256, state, keys))


def _verdict(name: str, check: Callable[[], str]) -> Verdict:
    try:
        return Verdict(name, True, check())
    except LapelError as error:
        return Verdict(name, False, str(error))


def _model(models: ModelStore, name: str) -> str:
    if name in LEARNED:
        check_learned(models, name)
        return f"sha256 {models.card(name).sha256[:12]}… is the manifest's, and its matrices are whole"
    model = models.open(name)
    distance = check_golden(model, models.card(name).golden)
    return f"sha256 {model.sha256[:12]}… is the manifest's, and it answers as elsewhere ({distance:.2f} of {FURTHEST})"


def _search(runtime: Runtime) -> str:
    try:
        rows = directions(np.random.default_rng(1).standard_normal((320, 256), np.float32))
        shard = Shard(Share(rows, range(len(rows))), runtime)
    except SearchSelfTestFailed as error:
        raise HardwareError(f"{error}; until then lists are searched slowly, by plain arithmetic") from error
    held = "a list is held once" if shard.is_lean else "a list takes twice its bytes: the runtime needs its source"
    return f"32 rows scored as by plain arithmetic; {held}"


def _clock(clock: Clock) -> str:
    today = clock.today()
    if today < MADE:
        raise HardwareError(f"shows {today}; set it, or entries expire on the wrong day")
    return f"{today}, UTC"


def _memory() -> str:
    swap_kib = _swap_kib()
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        return "a watch locks all of its memory, and with it an opened watchlist"
    if swap_kib:
        raise ConfigError(
            f"{swap_kib // 1024} MiB of swap, to which an opened watchlist could be written; "
            "switch swap off, or set LimitMEMLOCK=infinity"
        )
    return "no swap to write an opened watchlist to; it cannot be locked (LimitMEMLOCK=infinity)"


def _raw_pixels(profile: Profile) -> str:
    """Whether the buffers of raw pixels can be locked, under the limit that this process has."""
    camera, waiting = profile.camera, profile.redaction.delay_frames
    needed = (waiting + _BUFFERS_BESIDE_THE_LINE) * camera.width_px * camera.height_px * 3
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if is_lockable(needed):
        return f"{needed // _MIB} MiB can be locked"
    said = f"their {needed // _MIB} MiB cannot be locked: the limit is {limit // 1024} KiB"
    if not _swap_kib():
        return f"{said}, but there is no swap to write them to"
    raise ConfigError(f"{said}, and there is swap to write them to; set LimitMEMLOCK=infinity in the unit")


def _core_dumps() -> str:
    """Whether the walls of a watch hold here, tried in a process of its own: they cannot be taken down again."""
    try:
        tried = subprocess.run(
            [sys.executable, "-c", _TRY_DUMPS], capture_output=True, text=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise HardwareError("could not be tried within 60 s; try again when the machine has less to do") from error
    if tried.returncode:
        raise HardwareError(tried.stderr.strip().splitlines()[-1] if tried.stderr else "cannot be switched off here")
    return "a watch switches them off for itself"


def _swap_kib() -> int:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("SwapTotal:"):
            return int(line.split()[1])
    return 0


def _pins(pins: Pins, state: Path | None) -> str:
    """Whether the pins of a profile can be had, by having them for a moment; nothing is told on them. Those of a watch
    that runs are not tried."""
    if held := watching(state):
        return held
    with body_of(pins, False, SystemClock()):
        named = {each.name: getattr(pins, each.name) for each in fields(pins)}
        return ", ".join(f"{name} on GPIO {pin}" for name, pin in named.items() if pin != NO_PIN) + " can be had"


def _state(folder: Path, quota_mib: int) -> str:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; make it, owned by the user that Lapel runs as")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HardwareError(f"{folder}: cannot be written; give it to the user that Lapel runs as, or remount it")
    if folder.stat().st_mode & 0o007:
        raise ConfigError(f"{folder}: open to every user of this machine; run: chmod 700 {folder}")
    used = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    free = shutil.disk_usage(folder).free
    if used + free < quota_mib * _MIB:
        raise HardwareError(
            f"{folder}: {free // _MIB} MiB free, journal.quota_mib is {quota_mib}; free some, or lower the quota"
        )
    return f"{folder}: {free // _MIB} MiB free, quota {quota_mib} MiB"


def _key(keys: Callable[[], KeyProvider]) -> str:
    keys().derive("doctor", b"doctor")
    return "there, and nobody else can read it"
