"""What an update costs a frame is told apart from what the frame costs anyway."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from footage import write_video
from lapel.config.profile import load_profile
from lapel.wiring import bench_update, renewal
from lapel.wiring.bench_update import measure_update


def test_a_frame_is_delayed_by_what_it_took_longer_than_in_peace() -> None:
    base = bench_update._Pass(tuple(np.cumsum([0, 1, 1, 5, 1, 1])))
    control = bench_update._Pass(tuple(np.cumsum([0, 1, 1, 5.5, 1, 9])))
    updated = bench_update._Pass(tuple(np.cumsum([0, 9, 1, 5.25, 2, 1])), range(1, 4), 1.5)
    found = bench_update._figures(100, 10, base, control, updated)
    assert (found.longest_delay_ms, found.without_ms) == (1000, 500)
    assert (found.longest_frame_ms, found.longest_frame_without_ms, found.taken_s) == (5250, 5500, 1.5)


@pytest.mark.long
@pytest.mark.models
def test_the_update_is_watched_for_within_the_frames_that_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(bench_update, "_FIRST", 2)
    found = measure_update(load_profile("ci-video"), str(write_video(tmp_path / "clip.mp4", 400)), 300, 5)
    assert found.frames == 400
    assert found.taken_s > 0
