"""The words of an alert."""

import pytest

from lapel.alert.words import evidence, false_alerts, plain, rows
from lapel.core.things import Entry, Expected
from lapel.fakes.hit import ENTRY, made_up_hit

STEERING = (*range(0x20), 0x7F, *range(0x80, 0xA0), 0x200B, 0x202E, 0x2066, 0x2028, 0xFEFF)


@pytest.mark.parametrize("code", STEERING, ids=hex)
def test_no_control_or_direction_character_survives(code: int) -> None:
    assert plain(f"a{chr(code)}b") in {"a b", "a\ufffdb"}


def test_ordinary_text_of_any_script_stays_as_it_is() -> None:
    text = "Grüne Kiste · 緑の箱 · جعبهٔ می\u200cسبز · हरा"
    assert plain(text) == text


def test_text_on_several_lines_becomes_one() -> None:
    assert plain("one\n\ttwo\r\nthree") == "one two three"


def test_a_label_cannot_fill_the_screen() -> None:
    assert len(plain("x" * 10_000)) == 400


@pytest.mark.parametrize(("ratio", "word"), [(1.0, "just enough"), (1.6, "clear"), (9.0, "strong")])
def test_evidence_is_said_in_words(ratio: float, word: str) -> None:
    assert evidence(made_up_hit(evidence=ratio)).startswith(f"{word} agreement")


def test_a_hit_by_code_says_which_code_was_read() -> None:
    assert evidence(made_up_hit(code="CSQU3054383")) == "its code was read: CSQU3054383"


def test_a_hit_by_sign_says_which_symbol_was_seen() -> None:
    assert evidence(made_up_hit(code="sign:skull")) == "its symbol was seen: sign:skull"


def test_terms_that_an_entry_lacks_are_left_out() -> None:
    bare = Entry(ENTRY.id, ENTRY.label, ENTRY.kind, "lost", "", "", ENTRY.expires)
    named = {row.name: row.text for row in rows(made_up_hit(entry=bare), None)}
    assert "Contact" not in named
    assert named["Why listed"] == "lost"


def test_an_alert_says_how_often_its_list_is_wrong_and_how_sure_that_is() -> None:
    said = false_alerts(made_up_hit(expected=Expected(1 / 40, 1 / 310, 1 / 9, entries=12)))
    assert said.startswith("about 1 in 40 hours, 1 in 9 hours to 1 in 310 hours (95%), with 12 listed")


def test_an_alert_of_a_list_that_was_not_calibrated_says_that_nobody_knows() -> None:
    assert "not known" in false_alerts(made_up_hit(expected=None))


@pytest.mark.parametrize(
    ("per_hour", "words"),
    [
        (4.0, "15 minutes"),
        (60.0, "1 minute,"),
        (240.0, "15 seconds"),
        (1.0, "1 hour,"),
        (1e-9, "more than 10,000 hours"),
    ],
)
def test_rates_are_said_in_times_that_an_officer_knows(per_hour: float, words: str) -> None:
    assert f"about 1 in {words}" in false_alerts(made_up_hit(expected=Expected(per_hour, per_hour, per_hour, 1)))
