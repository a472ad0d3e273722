"""``lapel clip``: what leaves the seal and what is removed is on record, with who and why."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.cli.main import main
from lapel.clips.film import Film, film_of
from lapel.clips.still import still_of
from lapel.config.site import Clips
from lapel.core.clip_records import Purged
from lapel.core.clips import Cut, Told
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, RecordKind
from lapel.core.things import Scene
from lapel.fakes.clock import FakeClock
from lapel.health.clock import SystemClock
from lapel.store.clips import FOLDER, SealedClips
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.clip_shelf import ClipShelf
from lapel.wiring.handover import Inbox

REASON = ("--by", "Officer 7", "--why", "court order 12")
LATE = "ef" * 16


def film(alerts: tuple[str, ...]) -> Film:
    pictures = (np.full((48, 64, 3), 40 + 10 * number, np.uint8) for number in range(16))
    stills = tuple(still_of(Scene((), 0, p), number / 5, 64) for number, p in enumerate(pictures))
    return film_of(Cut(tuple(Told(alert, "crate", 2.0) for alert in alerts), stills))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with two clips, the first of two alerts."""
    keys = FileKey.create(tmp_path / "device.key")
    with SealedJournal(tmp_path / "journal.db", keys, FakeClock(), "cam-7") as journal:
        shelf = ClipShelf(SealedClips(tmp_path / FOLDER, keys), journal, SystemClock(), Clips())
        for alerts in (("ab" * 16, "cd" * 16), (LATE,)):
            shelf.keep(film(alerts))
    return tmp_path


def clip(state: Path, *words: object) -> int:
    return main(["clip", *map(str, words), "--state", str(state)])


def records(state: Path, kind: RecordKind) -> list[dict[str, Fact]]:
    with SealedJournal(state / "journal.db", FileKey(state / "device.key"), FakeClock(), read_only=True) as journal:
        return [dict(parse_body(record.body).facts) for record in journal.of_kind(kind)]


def listed(state: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, object]]]:
    capsys.readouterr()
    code = clip(state, "list", "--json")
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_list_shows_every_clip_oldest_first(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, clips = listed(state, capsys)
    assert (code, [each["clip"] for each in clips]) == (0, ["ab" * 16, LATE])
    assert (clips[0]["alerts"], clips[0]["seconds"], clips[0]["is_there"]) == (["ab" * 16, "cd" * 16], 3.0, True)
    assert clip(state, "list") == 0
    assert "3.0 s" in capsys.readouterr().out.splitlines()[0]


def test_an_exported_clip_opens_in_a_player_and_is_on_record(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.avi"
    assert clip(state, "export", "cdcd", target, *REASON) == 0
    player = cv2.VideoCapture(str(target))
    assert sum(player.read()[0] for _ in range(16)) == 16
    (facts,) = records(state, RecordKind.EXPORT)
    assert facts == {
        "clip": "ab" * 16,
        "form": "film",
        "sha256": sha256(target.read_bytes()).hexdigest(),
        "by": "Officer 7",
        "why": "court order 12",
    }
    assert facts["sha256"] == records(state, RecordKind.CLIP)[0]["sha256"]
    assert target.stat().st_mode & 0o077 == 0


def test_an_export_into_a_folder_takes_the_clips_own_name(state: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert clip(state, "export", "latest", tmp_path / "out", *REASON) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{LATE}.avi"]


def test_showing_a_clip_is_an_export_as_well(state: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.jpg"
    assert clip(state, "show", "latest", sheet, *REASON) == 0
    assert cv2.imread(str(sheet)) is not None
    (facts,) = records(state, RecordKind.EXPORT)
    assert (facts["form"], facts["sha256"]) == ("contact sheet", sha256(sheet.read_bytes()).hexdigest())


def test_an_export_is_recorded_by_the_lookout_that_runs(state: Path, tmp_path: Path) -> None:
    with SealedJournal(state / "journal.db", FileKey(state / "device.key"), SystemClock(), "cam-7") as journal:
        box = Inbox(state, journal.append)
        assert clip(state, "export", "latest", tmp_path / "out.avi", *REASON) == 0
        assert len(journal.of_kind(RecordKind.EXPORT)) == 1
        box.close()


@pytest.mark.parametrize("left_out", ["--by", "--why"])
@pytest.mark.parametrize("action", [("export", "latest", "x.avi"), ("show", "latest", "x.jpg"), ("purge", "latest")])
def test_nothing_happens_to_a_clip_without_who_and_why(state: Path, action: tuple[str, ...], left_out: str) -> None:
    reason = list(REASON)
    del reason[reason.index(left_out) : reason.index(left_out) + 2]
    assert clip(state, *action, *reason) == 2
    assert clip(state, *action, *reason, left_out, "  ") == 2
    assert records(state, RecordKind.EXPORT) == records(state, RecordKind.PURGE) == []


def test_an_export_that_cannot_be_recorded_writes_nothing(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel.wiring.handover.hand_over.__defaults__", (0.1, "cam-7"))
    with SealedJournal(state / "journal.db", FileKey(state / "device.key"), SystemClock(), "cam-7"):
        assert clip(state, "export", "latest", tmp_path / "out.avi", *REASON) == 4
    assert not [path for path in tmp_path.iterdir() if "out.avi" in path.name]


def test_an_export_writes_over_no_file(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.avi").write_text("mine")
    assert clip(state, "export", "latest", tmp_path / "mine.avi", *REASON) == 2
    assert "is there already" in capsys.readouterr().err
    assert records(state, RecordKind.EXPORT) == []


def test_a_purged_clip_is_gone_and_its_record_stays(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clip(state, "purge", "latest", *REASON) == 0
    assert not (state / FOLDER / f"{LATE}.clip").exists()
    assert records(state, RecordKind.PURGE) == [
        {"clip": LATE, "reason": Purged.HAND.value, "by": "Officer 7", "why": "court order 12"}
    ]
    code, clips = listed(state, capsys)
    assert code == 0
    assert (clips[1]["is_there"], clips[1]["purged"]) == (False, "by hand, Officer 7: court order 12")
    assert main(["audit", "verify", "--state", str(state)]) == 0


def test_where_one_name_means_no_clip_none_is_purged(state: Path) -> None:
    assert clip(state, "purge", "abab", "0000", *REASON) == 2
    assert records(state, RecordKind.PURGE) == []
    assert len(list((state / FOLDER).glob("*.clip"))) == 2


def test_a_clip_that_is_named_twice_is_purged_once_and_no_other(state: Path) -> None:
    assert clip(state, "purge", "latest", "latest", LATE, *REASON) == 0
    assert [facts["clip"] for facts in records(state, RecordKind.PURGE)] == [LATE]
    assert [path.stem for path in (state / FOLDER).glob("*.clip")] == ["ab" * 16]


def test_a_purged_clip_can_neither_be_exported_nor_purged_again(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip(state, "purge", LATE, *REASON)
    assert clip(state, "export", LATE, tmp_path / "x.avi", *REASON) == 2
    assert "is gone: by hand, Officer 7" in capsys.readouterr().err
    assert clip(state, "purge", LATE, *REASON) == 2


def test_a_clip_that_went_without_a_record_is_a_finding(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state / FOLDER / f"{LATE}.clip").unlink()
    assert clip(state, "list") == 1
    assert "gone: WITHOUT A RECORD" in capsys.readouterr().out


def test_a_clip_with_another_film_than_its_record_names_is_refused(state: Path, tmp_path: Path) -> None:
    other = film((LATE,))
    content = bytes(reversed(other.content))
    head = replace(other.head, sha256=sha256(content).hexdigest())
    SealedClips(state / FOLDER, FileKey(state / "device.key")).keep(head, content)
    assert clip(state, "export", "latest", tmp_path / "x.avi", *REASON) == 5


@pytest.mark.parametrize("name", ["efe", "0000", "zz", "", "../x"])
def test_a_name_that_means_no_clip_is_a_wrong_use(state: Path, tmp_path: Path, name: str) -> None:
    assert clip(state, "export", name, tmp_path / "x.avi", *REASON) == 2


def test_a_folder_without_a_journal_is_a_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FileKey.create(tmp_path / "device.key")
    assert clip(tmp_path, "list") == 2
    assert "--state" in capsys.readouterr().err


def test_a_journal_without_clips_lists_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SealedJournal(tmp_path / "journal.db", FileKey.create(tmp_path / "device.key"), FakeClock(), "a") as journal:
        journal.append(Event(RecordKind.START, ()))
    assert listed(tmp_path, capsys) == (0, [])
