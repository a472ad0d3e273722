"""What every alerter does, the shipped double included."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory

from lapel.alert.console import ConsoleAlerter
from lapel.alert.fanout import Fanout
from lapel.alert.lines import JsonLinesAlerter
from lapel.alert.page import PageAlerter
from lapel.alert.picture import jpeg
from lapel.alert.pins import Wires, worn
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.hit import ENTRY, made_up_hit, made_up_record
from lapel.ports import Alerter


@dataclass(frozen=True, slots=True)
class Told:
    """An alerter, what it has shown so far as text, a way to take its output away, and one to let it come to an end."""

    alerter: Alerter
    shown: Callable[[], str]
    take_away: Callable[[], None]
    end: Callable[[], None] = lambda: None


def _console(folder: Path) -> Told:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return Told(ConsoleAlerter(stream), lambda: buffer.getvalue().decode(), buffer.close)


def _lines(folder: Path) -> Told:
    path = folder / "out" / "alerts.jsonl"

    def take_away() -> None:
        path.unlink()
        path.mkdir()

    return Told(JsonLinesAlerter(path), path.read_text, take_away)


def _page(folder: Path) -> Told:
    report = folder / "report"

    def take_away() -> None:
        for name in ("index.html", "pictures"):
            os.rename(report / name, folder / name)
        report.rmdir()
        report.write_text("not a folder")

    return Told(PageAlerter(report), (report / "index.html").read_text, take_away)


def _text(double: RecordingAlerter) -> str:
    alerts = [f"{a.hit.entry.id} {a.hit.entry.label} {a.record.id if a.record else 'no record'}" for a in double.alerts]
    return "\n".join(alerts + double.notices)


def _double(folder: Path) -> Told:
    double = RecordingAlerter()
    return Told(double, lambda: _text(double), lambda: None)


def _fanout(folder: Path) -> Told:
    double = RecordingAlerter()
    return Told(Fanout([double]), lambda: _text(double), lambda: None)


def _body(folder: Path) -> Told:
    pins, wearing = MockFactory(), ExitStack()
    body = wearing.enter_context(worn(Wires(17, motor=18), lambda: 0.0, pins, lambda wait_s: None))
    pulses = pins.pin(18).states
    return Told(body, lambda: "buzz " * (len(pulses) // 2), pins.pin(18).close, wearing.close)


WRITERS = (_console, _lines, _page)
ALERTERS = (*WRITERS, _fanout, _double)


def _name(make: Callable[[Path], Told]) -> str:
    return make.__name__.strip("_")


@pytest.fixture(params=ALERTERS, ids=_name)
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Told:
    made: Told = request.param(tmp_path)
    return made


@pytest.fixture(params=WRITERS, ids=_name)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Told:
    made: Told = request.param(tmp_path)
    return made


@pytest.fixture(params=(*WRITERS, _body), ids=_name)
def driven(request: pytest.FixtureRequest, tmp_path: Path) -> Told:
    made: Told = request.param(tmp_path)
    return made


def test_an_alert_names_the_entry_and_its_label(told: Told) -> None:
    told.alerter.alert(made_up_hit(), made_up_record())
    assert ENTRY.id in told.shown()
    assert ENTRY.label in told.shown()


def test_an_alert_names_the_record_that_keeps_it(told: Told) -> None:
    told.alerter.alert(made_up_hit(), made_up_record(4711))
    assert "made-up-4711" in told.shown()


def test_an_alert_without_a_record_is_shown_and_says_so(told: Told) -> None:
    told.alerter.alert(made_up_hit(), None)
    assert ENTRY.label in told.shown()
    assert any(said in told.shown() for said in ("NOT RECORDED: the journal is broken", '"record":null', "no record"))


def test_every_alert_is_shown(told: Told) -> None:
    for number in range(5):
        told.alerter.alert(made_up_hit(entry=replace(ENTRY, id=f"crate-{number}")), made_up_record(number))
    assert all(f"crate-{number}" in told.shown() for number in range(5))


def test_a_raw_similarity_is_never_shown(told: Told) -> None:
    told.alerter.alert(made_up_hit(), made_up_record())
    assert "0.87" not in told.shown()
    assert "87%" not in told.shown()


def test_no_escape_character_of_a_label_reaches_the_output(written: Told) -> None:
    written.alerter.alert(made_up_hit(entry=replace(ENTRY, label="\x1b[2Jgone\x07\u202eesrever")), made_up_record())
    assert not {"\x1b", "\x07", "\u202e"} & set(written.shown())


def test_an_output_that_is_gone_is_said_once_and_stops_nobody(driven: Told, capsys: pytest.CaptureFixture[str]) -> None:
    driven.take_away()
    for number in range(3):
        driven.alerter.alert(made_up_hit(), made_up_record(number))
        driven.alerter.notice("camera lost")
    driven.end()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("lapel: ")


def test_what_is_driven_tells_an_alert_and_no_notice(driven: Told) -> None:
    before = driven.shown()
    driven.alerter.notice("")
    noticed = driven.shown()
    driven.alerter.alert(made_up_hit(), made_up_record())
    driven.end()
    assert len(noticed) - len(before) < len(driven.shown()) - len(noticed)


def test_a_notice_does_not_look_like_an_alert(told: Told) -> None:
    told.alerter.notice("camera lost")
    shown = told.shown()
    assert "camera lost" in shown or shown == ""
    assert ENTRY.id not in shown


def test_a_full_disk_under_the_page_leaves_the_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = PageAlerter(tmp_path)
    page.alert(made_up_hit(), made_up_record())
    before = (tmp_path / "index.html").read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    grey = jpeg(np.full((40, 40, 3), 99, dtype=np.uint8))
    page.alert(made_up_hit(entry=replace(ENTRY, label="Second"), reference_picture=grey), made_up_record(13))
    assert (tmp_path / "index.html").read_bytes() == before
    assert not list(tmp_path.rglob(".*"))
