"""Is all of it worth its cost? Three ways to find a kit's things, side by side on the same looks.

    python -m lapel_tools.evaluate.peers --kit KIT [--long-list 10000] [--limit N]

By the network's descriptor alone, by SIFT against every reference, and as the device decides. "found" is what is found
at the threshold that lets at most 1% of the pictures without a listed thing through. It is read off these pictures:
what a way could reach, and no promise. Decisions are the product's, at its own thresholds. Costs are medians of CPU
time a look on one thread, without what finds the look in the frame, which all three need.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

# As the lookout does, and before numpy is loaded: see lapel.cli.main.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from lapel.config.profile import Profile, load_profile
from lapel.core.compact import fitted
from lapel.core.gallery import Gallery
from lapel.core.things import Sighting
from lapel.errors import LapelError
from lapel.health.clock import SystemClock
from lapel.health.meters import peak_rss_mib
from lapel.wiring.bench import made_up, on_one_thread
from lapel.wiring.pi_arithmetic import by_arithmetic, network_ms
from lapel.wiring.seeing import limits_of, open_seeing
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.instances import PART, Onlooker, enrol_kit, one_look, queries_of
from lapel_tools.evaluate.kit import Kit
from lapel_tools.evaluate.peer_table import cost_rows, quality_rows
from lapel_tools.evaluate.results import QueryResult
from lapel_tools.evaluate.summary import truth_of
from lapel_tools.evaluate.ways import DescriptorAlone, Ours, SiftEverywhere, Way
from lapel_tools.progress import BarOnStderr

DESCRIPTOR, SIFT, OURS = "descriptor alone", "SIFT, every reference", "lapel"


@dataclass(frozen=True, slots=True)
class Peers:
    """The list that all three search, the ways by name, and the looks by query; None where there is none."""

    gallery: Gallery
    ways: dict[str, Way]
    looks: tuple[tuple[str, Sighting | None], ...]


def main() -> int:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m lapel_tools.evaluate.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kit", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--long-list", type=int, default=10_000, metavar="N", help="made-up entries on it (%(default)s)"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="look at no more than that many pictures")
    args = parser.parse_args()
    try:
        for line in measured(Kit(args.kit), args.long_list, args.limit):
            print(line, flush=True)
    except LapelError as error:
        print(f"peers: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def measured(kit: Kit, long_list: int, limit: int | None = None) -> tuple[str, ...]:
    """The tables, line by line. Raises: UsageError, MediaError."""
    profile = on_one_thread(load_profile("ci-video"))
    bench = bench_of(kit, profile, limit)
    peers = peers_of(bench)
    results = {name: results_of(way, peers) for name, way in peers.ways.items()}
    lines = [*quality_rows(results, truth_of(kit.instances()))]
    lines += cost_rows(peers.ways, len(peers.gallery.references), peak_rss_mib())
    crowded = with_made_up(peers.gallery, made_up(profile, long_list))
    alone, ours = DescriptorAlone(bench.seeing, crowded), Ours(bench.seeing, crowded, bench.today)
    for _, sighting in bench.progress.each(peers.looks, "looks at the long list"):
        if sighting is not None:
            alone.candidates(sighting)
            ours.candidates(sighting)
    lines += cost_rows({DESCRIPTOR: alone, OURS: ours}, len(crowded.references), peak_rss_mib())
    return (*lines, *map(str, by_arithmetic(ours.watch, network_ms(bench.seeing.models))))


def bench_of(kit: Kit, profile: Profile, limit: int | None = None) -> Bench:
    """What an evaluation works with, for single pictures."""
    seeing = open_seeing(profile)
    finders = seeing.at_stills().finders
    return Bench(kit, profile, seeing, finders, SystemClock().today(), BarOnStderr(), limit)


def peers_of(bench: Bench) -> Peers:
    """Enrol the kit's listed things three times, and take the look that the device would at every picture."""
    instances = bench.kit.instances()
    tools = enrolment_tools(bench.seeing, bench.today)
    gallery = enrol_kit(bench.kit, instances.listed, tools, bench.progress).gallery
    pictures = {
        thing.id: [tools.read(bench.kit.path(PART, file)).pixels for file in thing.references]
        for thing in instances.listed
    }
    detector, limits = Onlooker.of(bench).detector, limits_of(bench.profile)
    looks = tuple(
        (file if part == PART else f"{part}/{file}", one_look(bench.frame(part, file), detector, limits))
        for part, file in bench.progress.each(bench.chosen(queries_of(instances)), "looks")
    )
    ways: dict[str, Way] = {
        DESCRIPTOR: DescriptorAlone(bench.seeing, gallery),
        SIFT: SiftEverywhere(pictures),
        OURS: Ours(bench.seeing, gallery, bench.today),
    }
    return Peers(gallery, ways, looks)


def results_of(way: Way, peers: Peers) -> tuple[QueryResult, ...]:
    """What a way makes of every look."""
    return tuple(
        QueryResult(query, () if sighting is None else way.candidates(sighting)) for query, sighting in peers.looks
    )


def with_made_up(gallery: Gallery, others: Gallery) -> Gallery:
    """A kit's list, so that some looks find their thing, among entries of noise."""
    entries, references = (*gallery.entries, *others.entries), (*gallery.references, *others.references)
    return fitted(replace(gallery, entries=entries, references=references))


if __name__ == "__main__":
    sys.exit(main())
