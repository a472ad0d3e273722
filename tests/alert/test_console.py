"""How an alert looks on a terminal."""

import io
from dataclasses import replace

import pytest

from lapel.alert.console import ConsoleAlerter
from lapel.fakes.hit import ENTRY, made_up_hit, made_up_record


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_an_alert_says_that_it_is_a_possible_match_and_no_proof() -> None:
    stream = io.StringIO()
    ConsoleAlerter(stream).alert(made_up_hit(), made_up_record())
    assert "POSSIBLE MATCH TO CHECK" in stream.getvalue()
    assert "Not proof." in stream.getvalue()


@pytest.mark.parametrize(
    "said",
    [
        ENTRY.purpose,
        ENTRY.case,
        ENTRY.authority,
        "2026-12-31",
        ENTRY.check,
        ENTRY.contact,
        "8.92 s into the stream",
        "x 20 to 60, y 10 to 50 px",
        "strong agreement: 120 details of the reference line up",
        "no. 12",
    ],
)
def test_an_alert_says_what_the_officer_needs(said: str) -> None:
    stream = io.StringIO()
    ConsoleAlerter(stream).alert(made_up_hit(), made_up_record())
    assert said in stream.getvalue()


def test_an_alert_that_was_not_recorded_says_so() -> None:
    stream = io.StringIO()
    ConsoleAlerter(stream).alert(made_up_hit(), None)
    assert "NOT RECORDED: the journal is broken" in stream.getvalue()


def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    ConsoleAlerter(stream).alert(made_up_hit(), made_up_record())
    assert "\x1b[" in stream.getvalue()


def test_a_terminal_gets_no_colour_when_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    ConsoleAlerter(stream).alert(made_up_hit(), made_up_record())
    assert "\x1b" not in stream.getvalue()


def test_a_file_gets_no_colour() -> None:
    stream = io.StringIO()
    ConsoleAlerter(stream).alert(made_up_hit(), made_up_record())
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_that_lacks_a_letter_still_gets_the_alert() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    ConsoleAlerter(stream).alert(made_up_hit(entry=replace(ENTRY, label="Grüne Kiste")), None)
    assert b"Gr?ne Kiste" in raw.getvalue()
