"""Misses against false alarms, over every threshold."""

import re
from math import inf

import pytest

from lapel_tools.evaluate.det import Curve, det_chart
from lapel_tools.evaluate.mistakes import false_alarms, misses
from lapel_tools.evaluate.results import Candidate, QueryResult
from lapel_tools.evaluate.trade import Scores, scores_of, source_of
from page_reader import PageReader

TRUTH = {"a_crate/1": "crate", "a_crate/2": "crate", "b_box/1": "box"}


def looked(query: str, *candidates: tuple[str, float]) -> QueryResult:
    return QueryResult(query, tuple(Candidate(entry, score, score >= 1) for entry, score in candidates))


RESULTS = (
    looked("a_crate/1", ("crate", 3.0), ("box", 0.1)),
    looked("a_crate/2", ("box", 1.2), ("crate", 0.4)),
    looked("b_box/1"),
    looked("c_cup/1", ("crate", 0.7)),
    looked("c_cup/2", ("box", 1.5)),
    looked("c_cup/3", ("box", 0.0)),
)


def test_a_right_entry_counts_only_where_it_stands_first() -> None:
    assert scores_of(RESULTS, TRUTH) == Scores((3.0, -inf, -inf), (0.7, 1.5, 0.0))


def test_a_source_is_measured_against_the_pictures_without_a_thing_of_all_sources() -> None:
    assert scores_of(RESULTS, TRUTH, "a") == Scores((3.0, -inf), (0.7, 1.5, 0.0))


def test_pictures_in_no_folder_are_of_the_source_that_their_things_id_names() -> None:
    truth = {"1.jpg": "yard_crate", "2.jpg": "yard_box"}
    assert [source_of(query, truth) for query in ("1.jpg", "2.jpg", "3.jpg", "shop_cup/3.jpg")] == [
        "yard",
        "yard",
        "unlisted",
        "shop",
    ]


def test_a_picture_at_the_threshold_is_a_hit() -> None:
    scores = Scores((1.0, 2.0), (1.0, 0.5))
    assert (scores.missed(1.0).count, scores.false(1.0).count) == (0, 1)
    assert (scores.missed(1.5).count, scores.false(1.5).count) == (1, 0)


@pytest.mark.parametrize(("most", "found"), [(0.0, 1), (0.25, 2), (0.5, 2), (1.0, 4)])
def test_the_threshold_for_a_share_of_false_alarms_holds_it_and_finds_the_most(most: float, found: int) -> None:
    scores = Scores((0.1, 0.2, 0.8, 3.0), (0.3, 0.3, 0.3, 2.0))
    threshold = scores.held_to(most)
    assert scores.false(threshold).rate <= most
    assert scores.missed(threshold).count == 4 - found


def test_no_threshold_finds_anything_where_the_surest_false_alarm_is_surer_than_all() -> None:
    assert Scores((1.0, 2.0), (5.0,)).held_to(0.0) == inf


def test_false_alarms_are_those_that_come_first_and_the_surest_stands_first() -> None:
    worst = false_alarms(RESULTS, TRUTH)
    assert [(m.query, m.is_false_alarm) for m in worst] == [
        ("c_cup/2", True),
        ("a_crate/2", True),
        ("c_cup/1", False),
    ]


def test_misses_are_all_pictures_whose_own_entry_is_not_hit_the_least_evidence_first() -> None:
    missed = misses(RESULTS, TRUTH)
    assert [(m.query, m.own.score if m.own else None) for m in missed] == [("b_box/1", None), ("a_crate/2", 0.4)]


def test_the_chart_has_a_curve_and_a_name_a_group_and_marks_the_decision() -> None:
    scores = scores_of(RESULTS, TRUTH)
    chart = PageReader(det_chart((Curve("all", scores), Curve("<b>", scores)), 1.0))
    assert chart.tags.count("circle") == 1
    assert "b" not in chart.tags
    assert "<b> (3)" in chart.text
    assert chart.text.count("(3)") == 2


def test_a_curve_falls_from_few_false_alarms_to_many_and_stays_inside_the_chart() -> None:
    path = re.search(r'class="curve curve-0" d="M([^"]*)"', det_chart((Curve("all", scores_of(RESULTS, TRUTH)),), 1.0))
    assert path is not None
    across, down = zip(*re.findall(r"H?([\d.]+)[V ]([\d.]+)", path[1]), strict=True)
    xs, ys = [float(x) for x in across], [float(y) for y in down]
    assert xs == sorted(xs)
    assert ys == sorted(ys)
    assert 0 < xs[0] < xs[-1] < 900
    assert 0 < ys[0] <= ys[-1] < 560


@pytest.mark.parametrize("scores", [Scores((), ()), Scores((), (1.0,)), Scores((1.0,), ()), Scores((-inf,), (-inf,))])
def test_a_chart_of_next_to_nothing_is_drawn_all_the_same(scores: Scores) -> None:
    assert "svg" in PageReader(det_chart((Curve("all", scores),), 1.0)).tags
