"""Where bodies are, of which the detector is not sure."""

import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.infer.bodies import Recently, bodies, company, riders, wearers
from lapel.infer.ssd import Detections

HEAD = Box(100, 20, 140, 60)
NO_FOOTWEAR = np.empty((0, 4), np.float32)


def boxes(*found: tuple[int, int, int, int]) -> NDArray[np.float32]:
    return np.array(found, np.float32).reshape(-1, 4)


def traces(score: float, *found: tuple[int, int, int, int]) -> Detections:
    return Detections(boxes(*found), np.full(len(found), 4), np.full(len(found), score, np.float32))


def test_below_a_destroyed_head_with_a_trace_of_a_person_is_a_body() -> None:
    (body,) = bodies([HEAD], traces(0.12, (90, 30, 150, 200)))
    assert body.tolist() == [80, 20, 160, 260]


def test_a_destroyed_area_without_any_trace_of_a_person_has_no_body() -> None:
    assert len(bodies([HEAD], traces(0.05, (90, 30, 150, 200)))) == 0
    assert len(bodies([HEAD], traces(0.3, (400, 30, 460, 200)))) == 0
    assert len(bodies([], traces(0.3, (90, 30, 150, 200)))) == 0


def test_print_on_what_a_hand_holds_is_no_head_of_the_unsure_box_about_both() -> None:
    about_both = traces(0.4, (20, 0, 330, 340))
    assert len(bodies([Box(200, 180, 222, 202)], about_both)) == 0  # far below its top
    assert len(bodies([Box(200, 0, 222, 22)], about_both)) == 0  # much too small for it
    assert len(bodies([Box(200, 20, 240, 70)], about_both)) == 1
    assert len(bodies([Box(350, 20, 390, 70)], about_both)) == 0  # beside it


def test_who_raises_an_arm_over_their_head_is_masked() -> None:
    with_arm = traces(0.3, (80, 0, 180, 300))
    assert len(bodies([Box(100, 75, 140, 115)], with_arm)) == 1


def test_a_body_is_no_wider_than_what_was_destroyed_of_a_wide_one() -> None:
    (body,) = bodies([Box(0, 20, 300, 60)], traces(0.2, (0, 20, 300, 260)))
    assert body.tolist() == [0, 20, 300, 260]


def test_who_stands_in_footwear_is_a_person_however_faint() -> None:
    legs = (50, 0, 110, 200)
    (wearer,) = wearers(boxes((60, 170, 90, 195)), traces(0.21, legs))
    assert wearer.tolist() == list(legs)


def test_footwear_that_nobody_stands_in_has_no_wearer() -> None:
    faint = traces(0.21, (50, 0, 110, 200))
    assert len(wearers(boxes((60, 10, 90, 40)), faint)) == 0  # at the head
    assert len(wearers(boxes((60, 100, 90, 200)), faint)) == 0  # as large as half of it
    assert len(wearers(boxes((300, 170, 330, 195)), faint)) == 0
    assert len(wearers(boxes((60, 170, 90, 195)), traces(0.1, (50, 0, 110, 200)))) == 0
    assert len(wearers(NO_FOOTWEAR, faint)) == 0


def test_of_traces_about_one_foot_the_surest_is_its_wearer() -> None:
    legs, wide = (50, 0, 110, 200), (40, 0, 300, 205)
    both = Detections(boxes(wide, legs), np.array([4, 4]), np.array([0.3, 0.4], np.float32))
    assert wearers(boxes((60, 170, 90, 195)), both).tolist() == [list(legs)]
    two = Detections(boxes(legs, (300, 0, 360, 200)), np.array([4, 4]), np.array([0.4, 0.3], np.float32))
    assert len(wearers(boxes((60, 170, 90, 195), (310, 170, 340, 195), (320, 172, 350, 196)), two)) == 2


def test_who_sits_on_a_bicycle_is_a_person_however_faint() -> None:
    bicycle, rider = boxes((100, 100, 200, 180)), (120, 60, 170, 170)
    assert riders(bicycle, traces(0.26, rider)).tolist() == [list(rider)]
    assert len(riders(bicycle, traces(0.2, rider))) == 0
    assert len(riders(bicycle, traces(0.3, (260, 60, 310, 170)))) == 0  # beside it
    assert len(riders(bicycle, traces(0.3, (120, 110, 170, 170)))) == 0  # its frame
    assert len(riders(bicycle, traces(0.3, (20, 0, 290, 400)))) == 0  # much larger than it
    assert len(riders(bicycle[:0], traces(0.3, rider))) == 0


def test_beside_two_people_a_fainter_trace_is_a_person() -> None:
    behind, two = (0, 250, 140, 480), boxes((200, 200, 300, 480), (400, 200, 500, 480))
    assert company(two, traces(0.3, behind), 0.28).tolist() == [list(behind)]
    assert len(company(two, traces(0.2, behind), 0.28)) == 0
    assert len(company(two[:1], traces(0.3, behind), 0.28)) == 0
    assert len(company(two[:0], traces(0.3, behind), 0.28)) == 0


def test_a_person_who_was_found_twice_is_no_company() -> None:
    twice = boxes((200, 200, 300, 480), (190, 210, 310, 480))
    assert len(company(twice, traces(0.3, (0, 250, 140, 480)), 0.28)) == 0


def test_a_trace_about_people_who_were_found_is_nobody_else() -> None:
    two = boxes((200, 200, 300, 480), (400, 200, 500, 480))
    assert len(company(two, traces(0.3, (0, 0, 640, 480)), 0.28)) == 0
    assert len(company(two, traces(0.3, (210, 300, 290, 480)), 0.28)) == 0


def test_a_bicycle_counts_as_seen_for_some_frames_more() -> None:
    bicycle, nothing = boxes((100, 100, 220, 180)), boxes()
    seen = Recently(2)
    frames = (bicycle, nothing, bicycle, nothing, nothing, nothing)
    lengths = [len(seen.with_those_before(number, frame)) for number, frame in enumerate(frames)]
    assert lengths == [1, 1, 2, 1, 1, 0]


def test_of_pictures_apart_a_bicycle_counts_in_its_own() -> None:
    alone = Recently(0)
    pictures = (boxes((100, 100, 220, 180)), boxes())
    assert [len(alone.with_those_before(number, picture)) for number, picture in enumerate(pictures)] == [1, 0]


def test_neither_frames_that_were_dropped_nor_another_stream_make_a_bicycle_last_longer() -> None:
    bicycle, nothing = boxes((100, 100, 220, 180)), boxes()
    seen = Recently(2)
    numbered = ((0, bicycle), (3, nothing), (4, bicycle), (0, nothing))
    assert [len(seen.with_those_before(number, frame)) for number, frame in numbered] == [1, 0, 1, 0]
