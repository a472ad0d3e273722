"""Three ways to find a kit's things, side by side."""

from pathlib import Path

import pytest

from lapel.config.profile import load_profile
from lapel.core.calibrate import STILL
from lapel.wiring.bench import made_up
from lapel.wiring.stopwatch import DESCRIBE, DETAILS, GEOMETRY, SHORTLIST, VERIFY
from lapel_tools.evaluate.instances import candidates_of
from lapel_tools.evaluate.kit import Kit
from lapel_tools.evaluate.peer_table import found_at, quality_rows
from lapel_tools.evaluate.peers import (
    DESCRIPTOR,
    OURS,
    SIFT,
    Peers,
    bench_of,
    main,
    on_one_thread,
    peers_of,
    results_of,
    with_made_up,
)
from lapel_tools.evaluate.results import Candidate, QueryResult
from lapel_tools.evaluate.summary import truth_of
from lapel_tools.evaluate.ways import Ours
from small_kit import write_kit

Answers = dict[str, tuple[QueryResult, ...]]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """A kit that the project draws."""
    return Kit(write_kit(tmp_path_factory.mktemp("kit")))


@pytest.fixture(scope="module")
def peers(kit: Kit) -> Peers:
    """The three ways, on that kit."""
    return peers_of(bench_of(kit, on_one_thread(load_profile("ci-video"))))


@pytest.fixture(scope="module")
def answers(peers: Peers) -> Answers:
    """What each way makes of every look."""
    return {name: results_of(way, peers) for name, way in peers.ways.items()}


def answer(query: str, entry: str, score: float, *, is_hit: bool = False) -> QueryResult:
    return QueryResult(query, (Candidate(entry, score, is_hit),))


@pytest.mark.parametrize("name", [DESCRIPTOR, SIFT, OURS])
def test_every_way_has_drawn_things_first_and_looks_at_each_picture_once(name: str, kit: Kit, answers: Answers) -> None:
    truth = truth_of(kit.instances())
    assert len({result.query for result in answers[name]}) == len(answers[name]) == 8
    assert {r.query: r.candidates[0].entry for r in answers[name] if r.query in truth} == truth


def test_only_the_product_decides(answers: Answers) -> None:
    hits = {name: sum(c.is_hit for r in results for c in r.candidates) for name, results in answers.items()}
    assert (hits[DESCRIPTOR], hits[SIFT]) == (0, 0)
    assert hits[OURS] > 0


@pytest.mark.usefixtures("answers")
def test_each_way_is_charged_for_the_stages_that_it_has(peers: Peers) -> None:
    stages = (*DESCRIBE, SHORTLIST, *GEOMETRY)
    charged = {name: [stage for stage in stages if way.watch.share(stage)] for name, way in peers.ways.items()}
    assert charged == {DESCRIPTOR: ["descriptor", SHORTLIST], SIFT: [DETAILS, VERIFY], OURS: [*stages]}


def test_timing_the_parts_changes_no_answer(kit: Kit, peers: Peers, answers: Answers) -> None:
    bench = bench_of(kit, on_one_thread(load_profile("ci-video")))
    recall = bench.seeing.recall(peers.gallery, STILL, lambda: bench.today)
    plain = [candidates_of(sighting, recall) for _, sighting in peers.looks]
    assert [result.candidates for result in answers[OURS]] == plain


def test_on_a_long_list_of_noise_drawn_things_are_still_first(kit: Kit, peers: Peers) -> None:
    profile = on_one_thread(load_profile("ci-video"))
    bench = bench_of(kit, profile)
    crowded = with_made_up(peers.gallery, made_up(profile, 600))
    assert len(crowded.references) == len(peers.gallery.references) + 600
    long = Ours(bench.seeing, crowded, bench.today)
    truth = truth_of(kit.instances())
    firsts = {q: long.candidates(look)[0].entry for q, look in peers.looks if look is not None and q in truth}
    assert firsts == truth


def test_the_program_prints_every_table(
    kit: Kit, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["peers", "--kit", str(kit.folder), "--long-list", "100"])
    assert main() == 0
    said = capsys.readouterr().out
    for title in ("all: right first of 4", "2 references", "102 references", "arithmetic, not measured: Pi 5"):
        assert title in said


def test_a_kit_that_is_not_there_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["peers", "--kit", str(tmp_path / "none")])
    assert main() == 2
    assert capsys.readouterr().err.startswith(f"peers: {tmp_path / 'none'}: no such folder")


def test_a_sources_own_threshold_is_read_off_its_own_pictures() -> None:
    rows = [answer("a_1/q", "a_1", 0.5), answer("a_9/n", "a_1", 0.4), answer("b_9/n", "a_1", 0.9)]
    truth = {"a_1/q": "a_1"}
    own = [row for row in rows if row.query.startswith("a")]
    assert (found_at(own, own, truth).count, found_at(own, rows, truth).count) == (1, 0)


def test_as_good_as_a_false_alarm_is_not_found() -> None:
    rows = [answer("a_1/q", "a_1", 0.5), answer("a_9/n", "a_1", 0.5)]
    assert found_at(rows, rows, {"a_1/q": "a_1"}).count == 0


def test_a_hit_of_another_entry_is_said_apart() -> None:
    rows = [answer("a_1/q", "a_2", 2.0, is_hit=True), answer("a_1/r", "a_1", 2.0, is_hit=True)]
    said = list(quality_rows({"ours": rows}, {"a_1/q": "a_1", "a_1/r": "a_1"}))
    assert said[-1].startswith("ours decides: 1 of 2, 50% (9–91%) found, 1 of 2, 50% (9–91%) taken for another")
