"""Measures how long a watch takes from the start of its process to the first frame that it has looked at."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from lapel.config.measured import with_value
from lapel.config.profile import Profile, profile_file
from lapel.errors import HardwareError
from lapel.health.beat import LOADING_S, LOOKS
from lapel.health.ear import Ear
from lapel.store.keys import FileKey
from lapel.wiring.bench import CODES, models_of
from lapel.wiring.bench_list import write_made_up

_EAR_S = 0.05
_ENDING_S = 60.0
# READY=1 alone says less: a watch that awaits its camera is ready as well.
_HAS_LOOKED = f"STATUS={LOOKS}\n".encode()


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until the first frame was looked at, and seconds of CPU of all threads until then."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class StartFigures:
    """Starts with a list of so many references. ``cpu_s`` is the median's, as ``median_s`` is."""

    references: int
    list_mib: float
    starts: tuple[Start, ...]
    median_s: float
    longest_s: float
    cpu_s: float


def measure_start(named: str, profile: Profile, source: str, references: int, rounds: int) -> StartFigures:
    """Start ``lapel run`` so often, each a process of its own, with a made-up list in a passing folder.

    ``profile`` is the one ``named``, on the runtime that is wanted. Raises: HardwareError where a watch does not start.
    """
    with TemporaryDirectory(prefix="lapel-bench-") as name:
        folder = Path(name)
        keys = FileKey.create(folder / "device.key")
        listed = folder / "made-up.lapel"
        write_made_up(listed, models_of(profile), references, keys, codes=CODES)
        own = folder / "profile.toml"
        text = profile_file(named).read_text(encoding="utf-8")
        own.write_text(with_value(text, "models", "runtime", f'"{profile.models.runtime}"'), encoding="utf-8")
        options = ["--profile", own, "--watchlist", listed, "--key-file", folder / "device.key", "--state", folder]
        command = [sys.executable, "-m", "lapel.cli.main", "run", source, *map(str, options), "--json"]
        starts = tuple(_started(command, folder / "said") for _ in range(rounds))
        list_mib = round(listed.stat().st_size / 2**20, 1)
    wall_s, cpu_s = [each.wall_s for each in starts], [each.cpu_s for each in starts]
    return StartFigures(
        references, list_mib, starts, round(median(wall_s), 3), round(max(wall_s), 3), round(median(cpu_s), 2)
    )


def _started(command: Sequence[str], told: Path) -> Start:
    """Play systemd to a watch until its first sign of life over a frame. Raises: HardwareError."""
    with closing(Ear(_EAR_S)) as ear, told.open("w+b") as said:
        began_s = time.monotonic()
        watch = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=ear.environment)
        try:
            while time.monotonic() - began_s < LOADING_S and watch.poll() is None:
                if _HAS_LOOKED in ear.hear():
                    return Start(round(time.monotonic() - began_s, 3), _cpu_s(watch.pid))
            how = f"ended with {watch.returncode}" if watch.poll() is not None else f"took over {LOADING_S} s"
        finally:
            _end(watch)
        said.seek(0)
        last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
    raise HardwareError(f"lapel run: {how} before it had looked at a frame; it said last: {last or 'nothing'}")


def _end(watch: subprocess.Popen[bytes]) -> None:
    watch.terminate()
    try:
        watch.wait(_ENDING_S)
    except subprocess.TimeoutExpired:
        watch.kill()
        watch.wait()


def _cpu_s(pid: int) -> float:
    """Of proc_pid_stat(5): utime and stime, fields 14 and 15, counted behind the name, which may hold spaces."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return round((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), 2)
