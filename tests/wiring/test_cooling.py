"""A hot board rests between frames, takes fewer looks, and says so."""

from itertools import chain, repeat

import numpy as np
import pytest

from lapel.config.profile import load_profile, shipped_profiles
from lapel.core.heat import Condition
from lapel.core.quality import Gate, Limits
from lapel.core.record_body import parse_body
from lapel.core.records import RecordKind
from lapel.core.things import Frame
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.health.meters import Meters
from lapel.wiring.cooling import Cooling, longest_apart_s

FRAME = Frame(np.zeros((8, 8, 3), np.uint8), 0, 0.0)


def test_a_hot_board_rests_takes_fewer_looks_and_each_step_is_said_and_kept() -> None:
    clock, gate, said, rests = FakeClock(), Gate(Limits(looks_per_second=8)), [], []
    journal, meters = MemoryJournal(clock), Meters()
    heat = chain([60.0, 82.0], repeat(40.0))

    def rest(seconds: float) -> None:
        rests.append(round(seconds, 3))
        clock.advance(seconds)

    cooling = Cooling(meters, gate, clock, journal.append, said.append, 1.0, rest, lambda: Condition(next(heat)))
    looks = []
    for _ in range(3):
        for _ in range(2):
            clock.advance(0.1)
            cooling.beat(FRAME)
        looks.append(gate.limits.looks_per_second)
        clock.advance(5)
    assert (rests, looks) == ([0.0, 0.3, 0.0, 0.3], [8, 4, 4])  # none where a frame came late
    clock.advance(100)
    for _ in range(3):
        cooling.beat(FRAME)
        clock.advance(40)
    assert gate.limits.looks_per_second == 8
    assert meters.reading().frames == 9
    kept = [dict(parse_body(record.body).facts) for record in journal.after(-1, 9) if record.kind is RecordKind.HEAT]
    assert [facts["step"] for facts in kept] == [3, 2, 1, 0]
    assert said[0].startswith("TOO HOT OR UNDERFED (82 °C): 25% of the frames")
    assert said[-1] == "all frames are looked at again (40 °C)"


@pytest.mark.parametrize("name", shipped_profiles())
def test_rests_keep_no_raw_frame_in_the_line_for_long(name: str) -> None:
    redaction = load_profile(name).redaction
    assert 0.1 < longest_apart_s(redaction) <= 1.0  # the watchdog waits for 10
    assert longest_apart_s(redaction) * (redaction.delay_frames + 1) <= 2.5
