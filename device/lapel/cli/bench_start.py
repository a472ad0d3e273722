"""``lapel bench start``: how long a watch takes to its first frame."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lapel.cli.figures import print_json
from lapel.config.profile import load_profile
from lapel.health.machine import Machine

MOST_REFERENCES, MOST_ROUNDS = 100_000, 100


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the part's arguments."""
    parser.description = (
        "Starts `lapel run` over a recording with a made-up list, as systemd would, until it says that it has looked "
        "at a frame: loading, opening the list and, live, the frames that are held back are in it. Made up in memory; "
        "for longer lists see search and update."
    )
    parser.add_argument("--source", required=True, metavar="FILE", help="video file or folder of pictures")
    parser.add_argument(
        "--references",
        type=int,
        default=10_000,
        metavar="N",
        help="entries of the list, a reference each (%(default)s)",
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="starts, each a new process (%(default)s)")
    parser.add_argument("--profile", default="ci-video", metavar="NAME|FILE", help="as for loop")


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Measure, and print what was measured. Raises: UsageError, HardwareError, and what opens a profile raises."""
    from lapel.errors import UsageError
    from lapel.wiring.bench import with_runtime
    from lapel.wiring.bench_start import measure_start

    for name, value, most in (("references", args.references, MOST_REFERENCES), ("rounds", args.rounds, MOST_ROUNDS)):
        if not 1 <= value <= most:
            raise UsageError(f"--{name} {value}: must be from 1 to {most}")
    profile = with_runtime(load_profile(args.profile), args.runtime)
    figures = measure_start(args.profile, profile, args.source, args.references, args.rounds)
    if args.json:
        return print_json(machine, asdict(figures))
    print(f"machine   {machine}")
    print(f"list      {figures.references} references, {figures.list_mib:.0f} MiB on disk")
    print(
        f"start     {figures.median_s:.2f} s to the first frame looked at (median of {len(figures.starts)}; "
        f"{figures.longest_s:.2f} at most), {figures.cpu_s:.2f} s of CPU"
    )
    return 0
