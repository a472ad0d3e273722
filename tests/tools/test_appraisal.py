"""What enrolment thinks of a thing as a whole, on the committed models."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.config.profile import load_profile
from lapel.core.compact import LEVELS, compacted
from lapel.core.gallery import Gallery
from lapel.core.things import Frame, Pixels
from lapel.fakes.gallery import made_up_entry
from lapel.wiring.seeing import Seeing, open_seeing
from lapel_tools.enrol.appraisal import Appraisal, Worth, appraise
from lapel_tools.enrol.changes import CHANGES, Change
from lapel_tools.enrol.coverage import coverage_of, missing_views, spread
from lapel_tools.enrol.enrolment import extend_gallery, references_of
from lapel_tools.enrol.page import enrolment_page
from lapel_tools.enrol.parts import as_a_watch, enrolment_tools
from lapel_tools.enrol.request import EnrolmentTools, Photo
from lapel_tools.enrol.trials import Trial, estimated
from lapel_tools.enrol.verdict import PhotoVerdict, judge
from lapel_tools.synth.things import render
from page_reader import PageReader

TODAY = date(2026, 3, 1)
LATER = date(2026, 6, 1)


class Desk:
    """A list that grows, and what is thought of each entry before it does."""

    def __init__(self, seeing: Seeing) -> None:
        self.seeing = seeing
        self.tools: EnrolmentTools = enrolment_tools(seeing, TODAY)
        self.gallery: Gallery | None = None
        self.verdicts: tuple[PhotoVerdict, ...] = ()

    def judged(self, entry_id: str, *pictures: Pixels) -> tuple[PhotoVerdict, ...]:
        photos = (Photo(f"{n}.png", Frame(pixels, n, 0.0)) for n, pixels in enumerate(pictures))
        return tuple(judge(photo, entry_id, self.tools) for photo in photos)

    def lists(self, entry_id: str, *pictures: Pixels) -> None:
        """Put a thing on the list without a thought."""
        entry = made_up_entry(entry_id, LATER)
        self.verdicts = self.judged(entry_id, *pictures)
        made = references_of(self.verdicts, self.tools.features)
        self.gallery = extend_gallery(
            self.gallery, entry, made, list_id="l", model_sha256=self.tools.model_sha256, today=TODAY
        )

    def enrol(self, entry_id: str, *pictures: Pixels, distractors: tuple[Pixels, ...] = ()) -> Appraisal:
        self.lists(entry_id, *pictures)
        assert self.gallery is not None
        entry = self.gallery.entry(entry_id)
        assert entry is not None
        added = tuple(verdict.reference for verdict in self.verdicts if verdict.reference is not None)
        watch = as_a_watch(self.seeing, TODAY)
        return appraise(self.gallery, entry, added, self.tools.features, watch, distractors)


@pytest.fixture(scope="module")
def seeing() -> Seeing:
    return open_seeing(load_profile("ci-video"))


@pytest.fixture
def desk(seeing: Seeing) -> Desk:
    return Desk(seeing)


def views(seed: int, *numbers: int) -> tuple[Pixels, ...]:
    return tuple(render(seed, number).pixels for number in numbers)


def test_a_printed_thing_from_three_sides_is_distinct(desk: Desk) -> None:
    thought = desk.enrol("crate", *views(0, 0, 1, 2), distractors=views(30, 1))
    assert thought.worth is Worth.DISTINCT
    assert thought.found.is_held_out
    assert thought.found.rate > 0.8
    assert thought.alike == ()
    assert (thought.false.share.count, thought.false.share.total) == (0, 1)


def test_an_entry_that_looks_like_another_is_named_and_not_distinct(desk: Desk) -> None:
    desk.lists("B-17", *views(0, 0, 1))
    desk.lists("other", *views(2, 0, 1))
    thought = desk.enrol("new", *views(0, 2, 3))
    assert [alike.entry for alike in thought.alike] == ["B-17"]
    assert thought.worth is not Worth.DISTINCT
    assert any("entry B-17 looks the same: add a mark" in advice for advice in thought.advice)


def test_two_look_alikes_on_the_list_are_both_named(desk: Desk) -> None:
    desk.lists("one", *views(0, 0))
    desk.lists("two", *views(0, 1))
    assert {alike.entry for alike in desk.enrol("three", *views(0, 2)).alike} == {"one", "two"}


def test_a_decoy_is_named_to_nobody_as_a_look_alike(desk: Desk) -> None:
    desk.lists("decoy-0", *views(0, 0))
    assert desk.gallery is not None
    desk.gallery = replace(desk.gallery, decoys=frozenset({"decoy-0"}))
    assert desk.enrol("new", *views(0, 2)).alike == ()


def test_one_picture_makes_nothing_distinct_and_the_missing_view_is_asked_for(desk: Desk) -> None:
    thought = desk.enrol("crate", *views(0, 0))
    assert thought.worth is Worth.ORDINARY
    assert not thought.found.is_held_out
    assert any("add one from another side" in advice for advice in thought.advice)


def poorer(pixels: Pixels) -> Pixels:
    """The same picture cut a little, and encoded anew."""
    small = pixels[6:-6, 8:-8, ::-1]
    encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert bgr is not None
    return np.ascontiguousarray(bgr[..., ::-1], np.uint8)


def test_one_picture_and_a_poorer_copy_of_it_make_nothing_distinct(desk: Desk) -> None:
    (pixels,) = views(0, 0)
    thought = desk.enrol("crate", pixels, poorer(pixels))
    assert not thought.found.is_held_out
    assert thought.worth is Worth.ORDINARY
    assert "all pictures are from one side" in thought.coverage.advice


def test_a_picture_is_not_found_by_a_copy_of_itself(desk: Desk) -> None:
    (pixels,), (stranger,) = views(0, 0), views(1, 0)
    thought = desk.enrol("crate", pixels, poorer(pixels), stranger)
    assert thought.found.is_held_out
    assert not any(trial.is_found for picture in thought.pictures for trial in picture.trials)
    assert thought.worth is Worth.NOT_BY_LOOKS


def test_pictures_that_share_nothing_are_not_findable_by_looks(desk: Desk) -> None:
    thought = desk.enrol("crate", *(render(seed).pixels for seed in (0, 1, 3)))
    assert thought.worth is Worth.NOT_BY_LOOKS
    assert thought.coverage.alone == (0, 1, 2)
    assert any("code" in advice for advice in thought.advice)
    assert any("no picture confirms another" in advice for advice in thought.advice)


def test_a_plain_thing_can_only_ever_be_shortlisted(desk: Desk) -> None:
    plain = np.full((480, 640, 3), 200, np.uint8)
    plain[150:330, 220:420] = (30, 60, 120)
    thought = desk.enrol("crate", plain)
    assert thought.is_plain
    assert thought.worth is Worth.NOT_BY_LOOKS
    assert thought.advice[0] == (
        "too little texture to decide on: its pictures can only ever be shortlisted; its code will find it"
    )
    without_code = replace(thought, entry=replace(thought.entry, codes=()))
    assert without_code.advice[0].endswith("add pictures of a side with print or marks, or a code")


def test_a_view_in_which_most_pictures_are_lost_is_missing() -> None:
    found = {change.name: Trial(change.name, 2.0) for change in CHANGES}
    left = found | {"far from the left": Trial("far from the left", 0.5)}
    assert missing_views([tuple(found.values())]) == ()
    assert missing_views([tuple(left.values())] * 2 + [tuple(found.values())]) == ("from the left",)
    assert missing_views([tuple(left.values())] + [tuple(found.values())] * 2) == ()


def test_of_what_is_not_even_found_as_it_was_taken_no_view_is_missing() -> None:
    assert missing_views([tuple(Trial(change.name, 0.1) for change in CHANGES)]) == ()


def test_a_picture_that_the_others_never_find_is_named(desk: Desk) -> None:
    thought = desk.enrol("crate", *views(0, 0, 1), *views(1, 0))
    assert [line[:33] for line in thought.advice if "never found" in line] == ["picture 3 is never found by the o"]


def test_a_distractor_that_hits_takes_away_that_it_is_distinct(desk: Desk) -> None:
    thought = desk.enrol("crate", *views(0, 0, 1, 2), distractors=views(0, 3))
    assert thought.false.share.count == 1
    assert thought.false.nearest >= 1
    assert thought.worth is Worth.ORDINARY


def test_pictures_that_are_added_to_an_entry_are_tried_with_those_that_it_has(desk: Desk) -> None:
    desk.lists("crate", *views(0, 0, 1))
    thought = desk.enrol("crate", *views(0, 2))
    assert len(thought.pictures) == 1
    assert thought.found.is_held_out
    assert thought.pictures[0].trials[0].is_found
    assert thought.pictures[0].confirmed.sum() > 12


def test_pictures_that_are_added_are_tried_with_the_compact_ones_of_a_long_list(desk: Desk) -> None:
    desk.lists("crate", *views(0, 0, 1))
    assert desk.gallery is not None
    compact = tuple(replace(r, features=compacted(r.features, LEVELS[1])) for r in desk.gallery.references)
    desk.gallery = replace(desk.gallery, references=compact)
    thought = desk.enrol("crate", *views(0, 2))
    assert thought.pictures[0].confirmed.sum() > 12
    assert thought.found.is_held_out


def test_pictures_from_one_side_ask_for_another_side(desk: Desk) -> None:
    pixels = render(0).pixels
    noisy = np.clip(pixels + np.random.default_rng(3).normal(0, 2, pixels.shape), 0, 255).astype(np.uint8)
    references = [verdict.reference for verdict in desk.judged("crate", pixels, noisy)]
    coverage = coverage_of([r for r in references if r is not None], desk.tools.features)
    assert coverage.least > 0.35
    assert "from one side" in coverage.advice


def test_details_in_one_corner_cover_little_of_a_picture(desk: Desk) -> None:
    pixels = np.full((480, 640, 3), 128, np.uint8)
    pixels[:120, :160] = render(0).pixels[180:300, 240:400]
    cornered = spread(desk.tools.features.extract(pixels))
    assert 0 < cornered < 0.2 < spread(desk.tools.features.extract(render(0).pixels))


def test_at_the_threshold_a_hit_is_as_likely_as_not() -> None:
    at = (Trial("as it was taken", 1.0),)
    assert estimated((at,)).rate == pytest.approx(0.5)
    assert estimated((at, at)).rate == pytest.approx(0.75)  # either of two references would do
    assert estimated(((Trial("", -3.0),),)).rate == 0
    assert estimated(((Trial("", 1e9),),)).rate == pytest.approx(1)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
@pytest.mark.parametrize("size", [(480, 640), (640, 64), (64, 640)])
def test_a_change_gives_a_picture_and_always_the_same(change: Change, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    changed = change.apply(pixels)
    assert (changed.dtype, changed.ndim, changed.shape[2]) == (np.uint8, 3, 3)
    assert min(changed.shape[:2]) >= 32
    assert np.array_equal(changed, change.apply(pixels))
    assert (change is CHANGES[0]) == np.array_equal(changed, pixels)


def test_the_page_shows_every_picture_twice_once_with_what_geometry_sees(desk: Desk) -> None:
    thought = desk.enrol("crate", *views(0, 0, 1))
    page = PageReader(enrolment_page(thought.entry, desk.verdicts, thought))
    assert len(page.pictures) == len(set(page.pictures)) == 4
    assert page.pictures[0] == thought.pictures[0].reference.picture
    assert page.unnamed == 0
    assert page.fetched == []
    for number, picture in enumerate(thought.pictures):
        assert f"{number}.png" in page.text
        assert f"{picture.confirmed.sum()} confirmed by other pictures" in page.text


def test_markup_in_names_is_shown_and_not_obeyed(desk: Desk, tmp_path: Path) -> None:
    entry = made_up_entry("<b>x</b>", LATER)
    verdict = judge(Photo("<script>1</script>.png", tmp_path / "absent"), "x", desk.tools)
    page = PageReader(enrolment_page(entry, (verdict,), None))
    assert not {"b", "script"} & set(page.tags)
    assert "<b>x</b>" in page.text
    assert "1 of 1 pictures are refused" in page.text
