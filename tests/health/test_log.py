"""The log holds names and plain values, one JSON line an event, and nothing that was seen."""

import io
import json

import numpy as np
import pytest

from lapel.fakes.clock import FakeClock
from lapel.health.log import LONGEST_TEXT, Log


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> Log:
    return Log(stream, FakeClock())


def test_an_event_is_one_line_of_json(log: Log, stream: io.StringIO) -> None:
    log.event("camera_lost", source="uvc:/dev/video0", attempt=3)
    log.event("camera_back")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["source"], first["attempt"]) == ("camera_lost", "uvc:/dev/video0", 3)
    assert second["event"] == "camera_back"


def test_a_line_break_in_a_value_does_not_make_a_second_line(log: Log, stream: io.StringIO) -> None:
    log.event("started", source='a"\n{"event": "forged"}')
    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize("seen", [np.zeros((2, 2, 3), np.uint8), b"\xff\xd8", [0.1, 0.2], np.float32(0.5), {"x": 1}])
def test_pixels_descriptors_and_payloads_are_refused(log: Log, stream: io.StringIO, seen: object) -> None:
    with pytest.raises(TypeError, match=r"look\.crop: .* does not belong in a log"):
        log.event("look", crop=seen)  # type: ignore[arg-type]
    assert stream.getvalue() == ""


def test_long_text_is_cut(log: Log, stream: io.StringIO) -> None:
    log.event("started", source="x" * 10_000)
    assert len(json.loads(stream.getvalue())["source"]) == LONGEST_TEXT
