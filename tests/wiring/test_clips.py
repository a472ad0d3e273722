"""Clips at work: an alert gives a sealed clip and its record, and trouble with it takes nothing from the alert."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from footage import noise
from lapel.clips import film
from lapel.clips.h264 import EncoderFailed
from lapel.config.site import Clips
from lapel.core.clip_records import DAY_NS, FilmFormat, Purged
from lapel.core.clips import Cut, Cutter, Still
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, Record, RecordKind
from lapel.core.things import Scene
from lapel.errors import StoreFull
from lapel.fakes.clips import made_up_head
from lapel.fakes.clock import FakeClock
from lapel.fakes.hit import made_up_hit
from lapel.fakes.journal import MemoryJournal
from lapel.fakes.keys import FixedKey
from lapel.store.clips import SealedClips
from lapel.wiring import clips as clips_at_work
from lapel.wiring.clip_shelf import ClipShelf, clips_of
from lapel.wiring.clips import ClipKeeper

FPS = 25.0


@dataclass
class Rig:
    """A keeper over a real folder, with a journal in memory."""

    folder: Path
    terms: Clips = field(default_factory=Clips)
    patience_s: float | None = None
    clock: FakeClock = field(default_factory=FakeClock)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journal = MemoryJournal(self.clock)
        self.clips = SealedClips(self.folder / "clips", FixedKey())
        self.shelf = ClipShelf(self.clips, self.journal, self.clock, self.terms)
        cutter = Cutter(self.terms.before_s, self.terms.after_s, 5.0)
        self.keeper = ClipKeeper(cutter, 960, self.shelf, self.clock, self.said.append, self.patience_s)

    def show(self, from_s: float, to_s: float, side_px: int = 48) -> None:
        for number in range(round(from_s * FPS), round(to_s * FPS)):
            self.keeper.see(Scene((), 0, noise(side_px, side_px, number)), number / FPS)

    def alert(self, at_s: float) -> Record:
        record = self.journal.append(Event(RecordKind.ALERT, (("t_s", at_s),)))
        self.keeper.alerted(made_up_hit(at_s=at_s), record)
        return record

    def facts(self, kind: RecordKind) -> list[dict[str, Fact]]:
        return [dict(parse_body(r.body).facts) for r in self.journal.after(-1, 1000) if r.kind is kind]

    def wait_for(self, kind: RecordKind) -> None:
        patience = time.monotonic() + 20
        while not self.facts(kind) and time.monotonic() < patience:
            time.sleep(0.02)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_an_alert_gives_a_sealed_clip_that_covers_it_and_a_record_of_it(rig: Rig) -> None:
    rig.show(0, 12)
    record = rig.alert(12)
    rig.show(12, 20)
    rig.keeper.close()
    head, _ = rig.clips.read(record.id)
    assert (head.stills_s[0], head.stills_s[-1]) == (2.0, 17.0)
    (facts,) = rig.facts(RecordKind.CLIP)
    assert (facts["clip"], facts["alerts"], facts["sha256"]) == (record.id, record.id, head.sha256)
    assert rig.said == []


def test_a_clip_is_kept_as_soon_as_it_is_over_and_not_at_the_end_of_the_watch(rig: Rig) -> None:
    rig.show(0, 3)
    rig.alert(3)
    rig.show(3, 10)
    rig.wait_for(RecordKind.CLIP)
    assert len(rig.clips.kept()) == 1
    rig.keeper.close()


def test_an_alert_in_the_last_frame_still_gets_its_clip(rig: Rig) -> None:
    rig.show(0, 3)
    record = rig.alert(2.9)
    rig.keeper.close()
    assert [each.clip for each in rig.clips.kept()] == [record.id]


def test_without_an_alert_nothing_is_written(rig: Rig) -> None:
    rig.show(0, 40)
    rig.keeper.close()
    assert list(rig.folder.rglob("*")) == []


def test_a_lost_camera_does_not_keep_a_clip_open(tmp_path: Path) -> None:
    rig = Rig(tmp_path, patience_s=5.0)
    rig.show(0, 3)
    rig.alert(3)
    rig.clock.advance(8)
    rig.wait_for(RecordKind.CLIP)
    assert [facts["seconds"] for facts in rig.facts(RecordKind.CLIP)] == [pytest.approx(2.8)]
    rig.keeper.close()


def test_a_full_disk_costs_the_clip_and_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreFull("disk is full")

    monkeypatch.setattr(SealedClips, "keep", full)
    rig.show(0, 3)
    rig.alert(3)
    rig.keeper.close()
    assert rig.facts(RecordKind.CLIP) == []
    assert rig.said == ["CLIP NOT KEPT: disk is full; the alert and its record stand"]


def test_a_broken_encoder_costs_the_clip_and_the_watch_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(cut: Cut, film_format: FilmFormat) -> None:
        raise ZeroDivisionError("no rate")

    working: Callable[..., object] = clips_at_work.film_of
    monkeypatch.setattr(clips_at_work, "film_of", broken)
    rig.show(0, 3)
    rig.alert(3)
    rig.show(3, 10)
    while not rig.said:
        time.sleep(0.02)
    monkeypatch.setattr(clips_at_work, "film_of", working)
    later = rig.alert(10)
    rig.keeper.close()
    assert rig.said[0].startswith("CLIP NOT KEPT: ZeroDivisionError: no rate")
    assert [each.clip for each in rig.clips.kept()] == [later.id]


def test_an_encoder_that_fails_costs_the_format_and_not_the_clip(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(stills: tuple[Still, ...]) -> bytes:
        raise EncoderFailed("H.264: no such device")

    monkeypatch.setitem(film._MAKERS, FilmFormat.H264, failing)
    monkeypatch.setattr(rig.keeper, "_format", FilmFormat.H264)
    rig.show(0, 3)
    rig.alert(3)
    rig.keeper.close()
    assert [facts["format"] for facts in rig.facts(RecordKind.CLIP)] == ["avi"]
    assert rig.said == ["H.264: no such device; clips are Motion JPEG from now on"]


def test_a_clip_whose_record_cannot_be_kept_does_not_stay(rig: Rig) -> None:
    rig.show(0, 3)
    rig.alert(3)
    rig.journal.break_with(StoreFull("journal.db: quota is full"))
    rig.keeper.close()
    assert rig.clips.kept() == ()
    assert "quota is full" in rig.said[0]


def test_a_scene_that_makes_no_film_is_said_once(rig: Rig) -> None:
    rig.show(0, 10, side_px=1)
    rig.keeper.close()
    assert len(rig.said) == 1


def test_a_still_costs_the_loop_far_less_than_a_frame_while_clips_are_kept(rig: Rig) -> None:
    longest_s = 0.0
    canvas = np.zeros((720, 1280, 3), np.uint8)
    for number in range(250):
        began_s = time.thread_time()
        rig.keeper.see(Scene((), 0, canvas), number / FPS)
        longest_s = max(longest_s, time.thread_time() - began_s)
        if number % 50 == 0:
            rig.alert(number / FPS)
    rig.keeper.close()
    assert rig.facts(RecordKind.CLIP)
    assert longest_s < 1 / FPS


def kept_clip(rig: Rig, name: str, days_old: float, film: bytes = b"film") -> str:
    head = made_up_head(film, (name * 16,))
    rig.clips.keep(head, film)
    then_ns = rig.clock.wall_ns() - round(days_old * DAY_NS)
    os.utime(rig.clips.folder / f"{head.id}.clip", ns=(then_ns, then_ns))
    return head.id


def test_an_old_clip_goes_and_its_going_is_a_record(rig: Rig) -> None:
    old, young = kept_clip(rig, "ab", 31), kept_clip(rig, "cd", 1)
    rig.shelf.tidy()
    assert [each.clip for each in rig.clips.kept()] == [young]
    assert rig.facts(RecordKind.PURGE) == [{"clip": old, "reason": Purged.AGE.value, "by": "", "why": ""}]
    rig.keeper.close()


def test_old_clips_go_while_the_watch_lasts(rig: Rig) -> None:
    kept_clip(rig, "ab", 29)
    rig.clock.advance(2 * 86_400)
    rig.wait_for(RecordKind.PURGE)
    assert rig.clips.kept() == ()
    rig.keeper.close()


def test_a_new_clip_makes_room_by_the_oldest(tmp_path: Path) -> None:
    rig = Rig(tmp_path, Clips(quota_mib=1))
    oldest, newer = (kept_clip(rig, name, days, bytes(600_000)) for name, days in (("ab", 2), ("cd", 1)))
    rig.shelf.tidy()
    assert [each.clip for each in rig.clips.kept()] == [newer]
    assert [facts["clip"] for facts in rig.facts(RecordKind.PURGE)] == [oldest]
    rig.keeper.close()


def test_a_clip_that_only_its_seal_brings_above_the_quota_is_not_kept_to_be_purged_at_once(tmp_path: Path) -> None:
    rig, content = Rig(tmp_path, Clips(quota_mib=1)), bytes(2**20)
    with pytest.raises(StoreFull, match=r"a clip of \d+ bytes is above clips\.quota_mib"):
        rig.shelf.keep(film.Film(made_up_head(content), content))
    assert rig.clips.kept() == ()
    assert rig.facts(RecordKind.CLIP) == rig.facts(RecordKind.PURGE) == []
    rig.keeper.close()


def test_a_clip_stays_while_its_purge_cannot_be_recorded(rig: Rig) -> None:
    kept_clip(rig, "ab", 31)
    rig.journal.break_with(StoreFull("journal.db: quota is full"))
    with pytest.raises(StoreFull):
        rig.shelf.tidy()
    assert len(rig.clips.kept()) == 1
    rig.keeper.close()


def test_a_clip_that_a_power_cut_left_without_a_record_gets_one(rig: Rig) -> None:
    clip = kept_clip(rig, "ab", 1)
    assert rig.shelf.put_right(frozenset(), frozenset()) == ()
    records = tuple(record for record in rig.journal.after(-1, 10) if record.kind is RecordKind.CLIP)
    assert clips_of(records) == {clip}
    rig.shelf.put_right(clips_of(records), frozenset())
    assert len(rig.facts(RecordKind.CLIP)) == 1
    rig.keeper.close()


def test_a_clip_whose_purge_was_recorded_before_a_power_cut_goes(rig: Rig) -> None:
    clip = kept_clip(rig, "ab", 1)
    assert rig.shelf.put_right(frozenset({clip}), frozenset({clip})) == ()
    assert rig.clips.kept() == ()
    assert rig.facts(RecordKind.CLIP) == []
    rig.keeper.close()


def test_a_changed_clip_without_a_record_is_told_and_left_for_examination(rig: Rig) -> None:
    clip = kept_clip(rig, "ab", 1)
    path = rig.clips.folder / f"{clip}.clip"
    path.write_bytes(path.read_bytes()[:-1])
    (wrong,) = rig.shelf.put_right(frozenset(), frozenset())
    assert wrong.startswith("CLIP WITHOUT A RECORD")
    assert path.exists()
    rig.keeper.close()
