"""What enrolment foretells of things, held against what then happens."""

import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from footage import write_picture
from lapel.fakes.gallery import made_up_entry
from lapel_tools.cli.main import main
from lapel_tools.enrol.appraisal import Appraisal, Worth
from lapel_tools.enrol.coverage import Coverage
from lapel_tools.enrol.likeness import FalseHits
from lapel_tools.enrol.trials import Estimate
from lapel_tools.evaluate.estimates import Foretold
from lapel_tools.evaluate.foretold import of_estimates, write_estimates
from lapel_tools.report.share import Share
from lapel_tools.synth.scene import worsened
from lapel_tools.synth.things import render

CONTRASTS = (1.0, 0.5, 0.25, 0.15, 0.1, 0.07)
"""How much is left of a drawn thing's contrast: things are found in anything from all to none of their looks."""


def foretold(name: str, rate: float, found: int, nearest: float = 0.0, surest_false: float = 0.0) -> Foretold:
    entry, worth = made_up_entry(name, date(2026, 6, 1)), Worth.DISTINCT if rate > 0.6 else Worth.ORDINARY
    false, coverage = FalseHits(Share(0, 24), nearest), Coverage(0.0, 0.0, (), "")
    thought = Appraisal(entry, worth, False, Estimate(rate, is_held_out=True), false, (), coverage, (), ())
    return Foretold(thought, Share(found, 10), surest_false)


def test_estimates_in_the_order_of_what_happened_correlate_wholly() -> None:
    things = [
        foretold(f"a_{n}", rate, found) for n, (rate, found) in enumerate([(0.1, 0), (0.5, 4), (0.7, 5), (0.9, 9)])
    ]
    lines = of_estimates(things)
    assert lines[0] == (
        "all, found: rank correlation 1.00 (1.00 to 1.00) over 4 things; "
        "estimated +0.10 off in the mean, 0.10 either way"
    )
    assert "distinct: 2 things, of whose pictures 14 of 20, 70% (48–85%) were found" in lines
    assert "not findable by looks: 0 things, of whose pictures 0 of 0 were found" in lines


def test_sources_of_a_few_things_stand_by_themselves() -> None:
    things = [foretold(f"a_{n}", n / 10, n) for n in range(5)] + [foretold(f"b_{n}", n / 10, 9 - n) for n in range(4)]
    starts = [line.partition(",")[0] for line in of_estimates(things) if "rank correlation" in line]
    assert starts == ["all", "a", "all"]


def test_false_evidence_is_held_against_the_nearest_drawn_thing() -> None:
    things = [foretold(f"a_{n}", 0.5, 5, nearest=n, surest_false=-n + 4) for n in range(4)]
    assert any("falsely hit: rank correlation -1.00" in line for line in of_estimates(things))


def test_estimates_that_tell_nothing_apart_have_no_rank_correlation() -> None:
    assert "rank correlation none things" in of_estimates([foretold(f"a_{n}", 0.5, n) for n in range(5)])[0]


def test_a_thing_is_a_row(tmp_path: Path) -> None:
    write_estimates(tmp_path / "e.csv", [foretold("a_1", 0.7, 3, 0.2, 0.4)])
    with (tmp_path / "e.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["entry"], row["verdict"], row["estimated"], row["looks"], row["found"]) == (
        "a_1",
        "distinct",
        "0.7000",
        "10",
        "3",
    )


@pytest.mark.long
@pytest.mark.timeout(900)
def test_drawn_things_that_are_said_to_be_found_more_often_are(tmp_path: Path) -> None:
    things: dict[str, object] = {}
    random = np.random.default_rng(5)
    for number, contrast in enumerate(CONTRASTS * 2):
        files = [f"drawn_{number}/{view}.png" for view in range(6)]
        for view, file in enumerate(files):
            faded = (128 + (render(number, view).pixels - 128.0) * contrast).astype(np.uint8)
            (tmp_path / "instances" / file).parent.mkdir(parents=True, exist_ok=True)
            write_picture(
                tmp_path / "instances" / file, faded if view < 2 else worsened(worsened(faded, random), random)
            )
        things[f"drawn_{number}"] = {"label": f"Drawn {number}", "refs": files[:2], "queries": files[2:]}
    (tmp_path / "instances" / "split.json").write_text(json.dumps({"enrolled": things, "unlisted": {}}))
    out = tmp_path / "out"
    assert main(["evaluate", str(tmp_path), "--part", "instances", "--estimates", "--json", "--out", str(out)]) == 0
    with (out / "estimates.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    order = np.argsort([float(row["estimated"]) for row in rows])
    found = np.array([int(row["found"]) / int(row["looks"]) for row in rows])[order]
    print(found)
    assert found[: len(found) // 2].mean() + 0.3 < found[len(found) // 2 :].mean()
