"""``lapel bench``: how fast the watch loop and the watchlist search are on this machine."""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

from lapel.cli import bench_looks, bench_start
from lapel.cli.figures import print_json
from lapel.cli.keys import add_key_options, keys_from
from lapel.config.profile import load_profile, shipped_profiles
from lapel.core.manifest import MOST_ENTRIES
from lapel.health.machine import Machine, this_machine

NAME = "bench"
HELP = "measure how fast the loop and the search are on this machine"
SMALLEST_SIDE_PX = 64


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    loop = parts.add_parser(
        "loop", help="the watch loop over a recording: ms of each stage, memory, dropped frames, life of raw pixels"
    )
    loop.add_argument("--source", required=True, metavar="FILE", help="video file or folder of pictures")
    loop.add_argument("--live", action="store_true", help="play a video in real time and count the frames dropped")
    loop.add_argument("--watchlist", type=Path, metavar="FILE", help="a sealed watchlist (default: one of noise)")
    loop.add_argument("--references", type=int, default=40, metavar="N", help="size of the noise (default 40)")
    loop.add_argument(
        "--profile", default="ci-video", metavar="NAME|FILE", help=f"{', '.join(shipped_profiles())}, or a file"
    )
    loop.add_argument(
        "--write-profile", type=Path, metavar="FILE", help="write the profile there, with what was measured in it"
    )
    add_key_options(loop)
    search = parts.add_parser("search", help="one query of made-up rows: ms, beside a plain read, numpy and faiss")
    search.add_argument("--rows", type=int, default=300_000, metavar="N", help="rows (default 300000)")
    search.add_argument("--dims", type=int, default=256, metavar="D", help="length of a descriptor (default 256)")
    codes = parts.add_parser("codes", help="the readers of codes over a recording, side by side: ms a frame")
    codes.add_argument("--source", required=True, metavar="FILE", help="video file or folder of pictures")
    codes.add_argument("--frames", type=int, default=40, metavar="N", help="at most so many of them (default 40)")
    codes.add_argument("--profile", default="ci-video", metavar="NAME|FILE", help="as for loop")
    finders = parts.add_parser("finders", help="each net of redaction beside one detector call")
    finders.add_argument("--source", required=True, metavar="FILE", help="video file or folder of pictures")
    finders.add_argument("--size", default="1280x720", metavar="WxH", help="of the frames (default %(default)s)")
    finders.add_argument("--frames", type=int, default=40, metavar="N", help="at most so many of them (default 40)")
    finders.add_argument("--profile", default="ci-video", metavar="NAME|FILE", help="as for loop")
    update = parts.add_parser("update", help="how long frames wait while an update of a long list is taken")
    update.add_argument("--source", required=True, metavar="FILE", help="video file, looked at three times")
    update.add_argument("--rows", type=int, default=300_000, metavar="N", help="entries (default %(default)s)")
    update.add_argument("--changed", type=int, default=1000, metavar="N", help="of them changed (default %(default)s)")
    update.add_argument("--profile", default="ci-video", metavar="NAME|FILE", help="as for loop")
    companion = parts.add_parser("companion", help="the officer's page: MiB of its process")
    journal = parts.add_parser("journal", help="one record after another on this disk, and proofs among many")
    journal.add_argument("--records", type=int, default=1_000_000, metavar="N", help="in it (default %(default)s)")
    journal.add_argument("--appends", type=int, default=1000, metavar="N", help="timed of each (default %(default)s)")
    journal.add_argument("--folder", type=Path, metavar="DIR", help="on the disk to measure (default: the system's)")
    journal.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    start = parts.add_parser("start", help="a watch from its process's start to the first frame that was looked at: s")
    bench_start.declare(start)
    looks = parts.add_parser("looks", help="looks at things of a recording, with a long list: ms of CPU by stage")
    bench_looks.declare(looks)
    for each in (loop, looks, search, codes, finders, update, companion, start):
        each.add_argument("--runtime", choices=("ai-edge-litert", "tflite-runtime"), help="default: the profile's")
        each.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measure, and print what was measured."""
    machine = this_machine()
    return _PARTS[args.part](args, machine)


def _loop(args: argparse.Namespace, machine: Machine) -> int:
    from lapel.errors import UsageError
    from lapel.wiring.bench import measure_loop, with_runtime
    from lapel.wiring.bench_profile import refuse_other_size, write_measured

    profile = with_runtime(load_profile(args.profile), args.runtime)
    target: Path | None = args.write_profile
    if target is not None and args.live:
        raise UsageError("--live: frames that are left out say nothing of what one costs; give --write-profile without")
    size_px = refuse_other_size(args.source, profile) if target is not None else (0, 0)
    watchlist = (args.watchlist, keys_from(args)) if args.watchlist else None
    figures = measure_loop(profile, args.source, args.live, args.references, watchlist)
    if target is not None:
        fps = write_measured(args.profile, target, profile, size_px, figures, machine).camera.fps
        print(f"lapel: {target}: written, with camera.fps = {fps:g} and measured = true", file=sys.stderr)
    if args.json:
        return print_json(machine, {"profile": profile.board.name, **asdict(figures)})
    account, reading = figures.outcome.account, figures.outcome.reading
    print(f"machine   {machine}")
    print(
        f"frames    {account.seen} seen, {account.passed} looked at, {account.dropped} dropped "
        f"({account.late} of them redacted too late)"
    )
    print(f"time      {figures.wall_s:.2f} s, {figures.cpu_s:.2f} s of CPU on all cores, loading the models included")
    print(f"memory    {reading.peak_rss_mib:.0f} MiB at most")
    raw = reading.raw_ages
    print(f"raw       pixels overwritten after {raw.p50_ms:.0f}/{raw.p99_ms:.0f}/{raw.max_ms:.0f} ms (p50/p99/max)")
    print(f"{'stage':<10}{'times':>8}{'p50 ms':>10}{'p95 ms':>10}{'ms a frame':>12}")
    for stage in reading.stages:
        share_ms = stage.total_s * 1000 / max(1, reading.frames)
        print(f"{stage.stage:<10}{stage.count:>8}{stage.p50_ms:>10.2f}{stage.p95_ms:>10.2f}{share_ms:>12.2f}")
    return 0


def _search(args: argparse.Namespace, machine: Machine) -> int:
    from lapel.errors import UsageError
    from lapel.infer.tflite import Runtime
    from lapel.wiring.bench_search import measure_search

    for name, value, most in (("rows", args.rows, 10_000_000), ("dims", args.dims, 4096)):
        if not 1 <= value <= most:
            raise UsageError(f"--{name} {value}: must be from 1 to {most}")
    figures = measure_search(args.rows, args.dims, Runtime(args.runtime or Runtime.LITERT.value))
    if args.json:
        print(json.dumps(asdict(figures)))
        return 0
    print(f"machine   {machine}")
    print(f"rows      {figures.rows} × {figures.dims} int8, {figures.added_rss_mib:.0f} MiB added")
    for name, ms in (
        ("one read", figures.read_ms),
        ("lapel", figures.ours_ms),
        ("numpy", figures.numpy_fp32_ms),
        ("faiss", figures.faiss_flat_ms),
    ):
        times = f"{ms:.2f} ms, {ms / figures.read_ms:.2f} × the read" if ms is not None else "not installed"
        print(f"{name:<10}{times}")
    print(f"best row  as numpy's of the rows before they were bytes: {figures.top1_equal:.1%} of queries")
    return 0


def _codes(args: argparse.Namespace, machine: Machine) -> int:
    from lapel.errors import UsageError
    from lapel.wiring.bench import with_runtime
    from lapel.wiring.bench_codes import measure_codes

    if args.frames < 1:
        raise UsageError(f"--frames {args.frames}: must be 1 or more")
    profile = with_runtime(load_profile(args.profile), args.runtime)
    figures = measure_codes(profile, args.source, args.frames)
    if args.json:
        return print_json(machine, asdict(figures))
    print(f"machine   {machine}")
    print(f"frames    {figures.frames} of {figures.width}×{figures.height}, {figures.lines:.0f} lines of text (median)")
    print(f"{'stage':<10}{'p50 ms':>10}{'p95 ms':>10}{'ms a second of stream':>24}")
    for stage in figures.stages:
        share = f"{stage.share_ms:.1f}" if stage.share_ms else "-"
        print(f"{stage.stage:<10}{stage.p50_ms:>10.2f}{stage.p95_ms:>10.2f}{share:>24}")
    print("text look: find, panels and read together, every other time from closer; as a watch does it")
    return 0


def _finders(args: argparse.Namespace, machine: Machine) -> int:
    from lapel.errors import UsageError
    from lapel.wiring.bench import with_runtime
    from lapel.wiring.bench_finders import measure_finders

    size = re.fullmatch(r"(\d{2,4})x(\d{2,4})", args.size)
    if size is None or min(int(side) for side in size.groups()) < SMALLEST_SIDE_PX:
        raise UsageError(f"--size {args.size}: give it as 1280x720, {SMALLEST_SIDE_PX} or more each way")
    if args.frames < 1:
        raise UsageError(f"--frames {args.frames}: must be 1 or more")
    profile = with_runtime(load_profile(args.profile), args.runtime)
    figures = measure_finders(profile, args.source, (int(size[1]), int(size[2])), args.frames)
    if args.json:
        return print_json(machine, asdict(figures))
    print(f"machine   {machine}")
    print(f"frames    {figures.frames} of {figures.width}×{figures.height}, redacted")
    print(f"destroyed {figures.destroyed:.1%} of a frame, in the mean")
    print(f"{'finder':<28}{'p50 ms':>10}{'p95 ms':>10}{'detector calls':>16}")
    for stage in figures.stages:
        print(f"{stage.finder:<28}{stage.p50_ms:>10.2f}{stage.p95_ms:>10.2f}{stage.calls:>16.2f}")
    print("memory, delay line: all of redaction beside its finders, in the source's own size")
    return 0


def _update(args: argparse.Namespace, machine: Machine) -> int:
    from lapel.errors import UsageError
    from lapel.wiring.bench import with_runtime
    from lapel.wiring.bench_update import measure_update

    if not 1 <= args.changed <= args.rows <= MOST_ENTRIES:
        raise UsageError(f"--changed {args.changed}, --rows {args.rows}: must be from 1 to rows, and to {MOST_ENTRIES}")
    profile = with_runtime(load_profile(args.profile), args.runtime)
    figures = measure_update(profile, args.source, args.rows, args.changed)
    if args.json:
        return print_json(machine, asdict(figures))
    print(f"machine   {machine}")
    print(
        f"update    {figures.changed} of {figures.rows} entries, watched for {figures.taken_s:.2f} s after the change"
    )
    print(
        f"delay     {figures.longest_delay_ms:.0f} ms at most, of the same frames without it {figures.without_ms:.0f}"
    )
    print(f"frames    {figures.longest_frame_ms:.0f} ms at most, without it {figures.longest_frame_without_ms:.0f}")
    print(f"memory    {figures.peak_rss_mib:.0f} MiB at most")
    return 0


def _companion(args: argparse.Namespace, machine: Machine) -> int:
    from lapel.wiring.bench_companion import measure_companion

    figures = measure_companion()
    if args.json:
        return print_json(machine, asdict(figures))
    print(f"machine   {machine}")
    print(f"memory    {figures.rss_mib:.1f} MiB with the page served, {figures.peak_rss_mib:.1f} at most")
    return 0


def _journal(args: argparse.Namespace, machine: Machine) -> int:
    from lapel.errors import UsageError
    from lapel.wiring.bench_journal import measure_journal

    for name, value, most in (("records", args.records, 10_000_000), ("appends", args.appends, 100_000)):
        if not 2 <= value <= most:
            raise UsageError(f"--{name} {value}: must be from 2 to {most}")
    figures = measure_journal(args.records, args.appends, args.folder)
    if args.json:
        return print_json(machine, asdict(figures))
    print(f"machine   {machine}")
    print(
        f"journal   {figures.records} records, {figures.file_mib:.0f} MiB, opened and checked in {figures.open_s:.2f} s"
    )
    print(f"{'':<24}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>10}{'p95 ms of CPU':>16}")
    for each in figures.times:
        print(f"{each.what:<24}{each.p50_ms:>10.2f}{each.p95_ms:>10.2f}{each.max_ms:>10.2f}{each.cpu_p95_ms:>16.2f}")
    return 0


_PARTS = {
    "journal": _journal,
    "loop": _loop,
    "search": _search,
    "codes": _codes,
    "finders": _finders,
    "update": _update,
    "companion": _companion,
    "start": bench_start.run,
    "looks": bench_looks.run,
}
