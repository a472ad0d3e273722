"""The parts of an evaluation: what each runs, and which file it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lapel.store.atomic import write_whole
from lapel_tools.evaluate import summary
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.coverage import run_coverage
from lapel_tools.evaluate.estimates import run_estimates
from lapel_tools.evaluate.foretold import of_estimates, write_estimates
from lapel_tools.evaluate.frame_truth import of_truth
from lapel_tools.evaluate.instances import run_instances
from lapel_tools.evaluate.page import instances_page
from lapel_tools.evaluate.pictures import run_detection, run_faces, run_text
from lapel_tools.evaluate.results import (
    write_detection,
    write_faces,
    write_instances,
    write_strata,
    write_text,
    write_video,
)
from lapel_tools.evaluate.strata import run_strata
from lapel_tools.evaluate.video import run_video
from lapel_tools.evaluate.zxing import directly

REPORT = "report.html"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the kit. ``run`` measures it, writes ``file`` and returns its summary, a line an item."""

    file: str
    run: Callable[[Bench, Path], tuple[str, ...]]


def _instances(bench: Bench, path: Path) -> tuple[str, ...]:
    instances = bench.kit.instances()
    run = run_instances(bench)
    write_instances(path, run.results)
    lines = summary.of_instances(run, instances)
    write_whole(path.with_name(REPORT), [instances_page(bench, run, instances, lines).encode()])
    return lines


def _strata(bench: Bench, path: Path) -> tuple[str, ...]:
    run = run_strata(bench)
    write_strata(path, run.results)
    return summary.of_strata(run, bench.kit.instances())


def _estimates(bench: Bench, path: Path) -> tuple[str, ...]:
    foretold = run_estimates(bench)
    write_estimates(path, foretold)
    return of_estimates(foretold)


def _detection(bench: Bench, path: Path) -> tuple[str, ...]:
    results = run_detection(bench)
    write_detection(path, results)
    return (*summary.of_detection(results), *summary.of_coverage(run_coverage(bench)))


def _faces(bench: Bench, path: Path) -> tuple[str, ...]:
    heads = bench.kit.heads()  # before the pictures: an index that is wrong is not worth their minutes
    results = run_faces(bench)
    write_faces(path, results)
    return summary.of_faces(results, heads)


def _text(bench: Bench, path: Path) -> tuple[str, ...]:
    results = run_text(bench)
    write_text(path, results)
    return (*summary.of_text(results, bench.kit.barcodes()), directly(bench))


def _video(bench: Bench, path: Path) -> tuple[str, ...]:
    results = run_video(bench)
    write_video(path, results)
    lines = summary.of_video(results, bench.watchlist is not None, bench.listed_in)
    return (*lines, *(of_truth(results, bench.kit.truths()) if bench.watchlist is not None else ()))


PARTS = {
    "instances": Part("instances.csv", _instances),
    "detection": Part("detection.json", _detection),
    "faces": Part("faces.json", _faces),
    "text": Part("text.json", _text),
    "video": Part("video.json", _video),
}
SLOW_PARTS = {"strata": Part("strata.csv", _strata), "estimates": Part("estimates.csv", _estimates)}
"""What is only done when asked for, on the pictures of the instances part."""
