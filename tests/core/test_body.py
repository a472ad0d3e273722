"""Two buttons say five things, and no two patterns feel alike."""

from itertools import combinations

from lapel.core.body import LONG_S, PATTERNS, Button, Cue, Gesture, Gestures

YES, NO = Button


def said(*changes: tuple[Button, bool, float]) -> list[Gesture]:
    gestures = Gestures()
    return [said for change in changes if (said := gestures.changed(*change))]


def test_a_short_press_answers_when_it_ends() -> None:
    assert said((YES, True, 0.0)) == []
    assert said((YES, True, 0.0), (YES, False, 0.2)) == [Gesture.IS]
    assert said((NO, True, 0.0), (NO, False, LONG_S - 0.01)) == [Gesture.IS_NOT]


def test_a_long_press_of_either_asks_for_a_look_and_answers_nothing() -> None:
    for button in Button:
        assert said((button, True, 5.0), (button, False, 5.0 + LONG_S)) == [Gesture.CHECK]


def test_both_buttons_stop_capture_at_once_whichever_came_first_and_answer_nothing() -> None:
    for one, other in ((YES, NO), (NO, YES)):
        begun = ((one, True, 0.0), (other, True, 9.0))
        assert said(*begun) == [Gesture.OFF]
        assert said(*begun, (one, False, 9.1), (one, True, 9.2), (one, False, 9.3), (other, False, 9.4)) == [
            Gesture.OFF
        ]


def test_buttons_answer_again_once_both_were_let_go() -> None:
    both = ((YES, True, 0.0), (NO, True, 0.0), (YES, False, 1.0), (NO, False, 1.0))
    assert said(*both, (NO, True, 2.0), (NO, False, 2.1)) == [Gesture.OFF, Gesture.IS_NOT]


def test_the_end_of_a_press_that_nobody_saw_begin_says_nothing() -> None:
    assert said((YES, False, 1.0)) == []


def test_every_cue_has_a_pattern_and_no_two_are_alike() -> None:
    assert set(PATTERNS) == set(Cue)
    for one, other in combinations(PATTERNS.values(), 2):
        assert [pulse.on_s for pulse in one] != [pulse.on_s for pulse in other]
