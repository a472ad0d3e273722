"""``lapel bench looks``: what a look costs, stage by stage."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lapel.cli.figures import print_json
from lapel.config.profile import load_profile
from lapel.health.machine import Machine

MOST_REFERENCES, MOST_LOOKS = 300_000, 10_000


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the part's arguments."""
    parser.description = (
        "Takes the looks that a watch would take of a recording, and compares them with a long list as a watch does, "
        "every part real, on one thread. The list is made up: entries of noise, which nothing resembles, and before "
        "them up to 40 that a recording shows, each cut out of a look, so that what is shortlisted is real. Of the "
        "recording itself most of them resemble every other look, which costs most; what another one shows "
        "(--listed-in) resembles none, as in most of a watch. Times are CPU time. describe: the network's descriptor, "
        "details, corners of the whole and of the middle. Then the two shortlists; geometry of 20 references; prints "
        "of the likeliest three, described anew where they are not at hand; laying references on the look; closer "
        "looks, laid straight, described and compared. rest: entries read off the sealed list, networks let go."
    )
    parser.add_argument("--source", required=True, metavar="FILE", help="video file or folder of pictures")
    parser.add_argument(
        "--references", type=int, default=10_000, metavar="N", help="entries of noise, a reference each (%(default)s)"
    )
    parser.add_argument(
        "--looks", type=int, default=400, metavar="N", help="of the recording's looks the first so many (%(default)s)"
    )
    parser.add_argument("--listed-in", metavar="FILE", help="list what that one shows (default: the source itself)")
    parser.add_argument("--profile", default="ci-video", metavar="NAME|FILE", help="as for loop")


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Measure, and print what was measured. Raises: UsageError, MediaError, and what opens a profile raises."""
    from lapel.errors import UsageError
    from lapel.wiring.bench import with_runtime
    from lapel.wiring.bench_looks import COMPARE, GOAL_MS, measure_looks

    for name, value, least, most in (
        ("references", args.references, 1, MOST_REFERENCES),
        ("looks", args.looks, 2, MOST_LOOKS),
    ):
        if not least <= value <= most:
            raise UsageError(f"--{name} {value}: must be from {least} to {most}")
    profile = with_runtime(load_profile(args.profile), args.runtime)
    figures = measure_looks(profile, args.source, args.references, args.looks, args.listed_in)
    if args.json:
        return print_json(machine, {"goal_ms": GOAL_MS, **asdict(figures)})
    print(f"machine   {machine}")
    entries = f"{figures.made_up} entries of noise, {figures.seen} of {args.listed_in or 'the recording itself'}"
    print(f"list      {entries}, {figures.bytes_an_entry} B each")
    print(f"memory    {figures.peak_rss_mib:.0f} MiB at most, finders of faces and the making of the list included")
    print(f"{f'CPU of {figures.looks} looks':<24}{'p50 ms':>10}{'p95 ms':>10}{'of looks':>10}")
    for each in figures.stages:
        goal = f"   goal {GOAL_MS:.0f} with 10,000 entries" if each.stage == COMPARE else ""
        print(f"{each.stage:<24}{each.p50_ms:>10.2f}{each.p95_ms:>10.2f}{each.share:>10.0%}{goal}")
    print(
        f"a frame   {figures.total_ms:.1f} ms of CPU in the mean of {figures.frames}: {figures.looks_a_frame:.2f} "
        f"looks, and {figures.frame_ms:.1f} ms to redact, detect and track; codes are not read"
    )
    for line in figures.arithmetic:
        print(line)
    return 0
