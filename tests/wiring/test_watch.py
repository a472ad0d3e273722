"""What a watch does around its loop: before it starts, and where it tells what happens to it."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bad_disk import with_full_journal
from footage import noise, write_picture, write_video
from lapel.cli.watching import code_of
from lapel.config.profile import load_profile
from lapel.config.site import Clips
from lapel.core.charter import Mark
from lapel.core.record_body import parse_body
from lapel.core.records import Event, RecordKind
from lapel.errors import StoreFull, StoreLocked
from lapel.fakes.clips import made_up_head
from lapel.health.clock import SystemClock
from lapel.store import gallery as stored
from lapel.store.clips import FOLDER, SealedClips
from lapel.store.contact import Contacts
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.store.sealed import CHUNK_BYTES
from lapel.wiring.bench import made_up
from lapel.wiring.companion import Lookout
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.outcome import Outcome


@pytest.fixture
def keys(tmp_path: Path) -> FileKey:
    return FileKey.create(tmp_path / "device.key")


@pytest.fixture
def orders(tmp_path: Path, keys: FileKey) -> Orders:
    """A replay of a few grey frames with a list on which nothing can be found."""
    write_gallery(tmp_path / "list.lapel", made_up(load_profile("ci-video"), 1), keys)
    clip = write_video(tmp_path / "clip.mp4", 3)
    return Orders(str(clip), tmp_path / "list.lapel", tmp_path, is_live=False, console=False)


def watched(orders: Orders, keys: FileKey) -> Outcome:
    return watch(load_profile("ci-video"), orders, keys, keys)


def test_a_watch_whose_trust_was_removed_says_so_first_and_keeps_a_record_of_it(
    tmp_path: Path, orders: Orders, keys: FileKey, capsys: pytest.CaptureFixture[str]
) -> None:
    trusted = Mark("ab" * 32, datetime.now(UTC), 1, 1)
    with SealedJournal(tmp_path / "journal.db", keys, SystemClock(), "device") as journal:
        journal.append(Event(RecordKind.UPDATE, (("outcome", "applied"), ("trusted", str(trusted)))))
    watched(replace(orders, console=True, report_folder=tmp_path / "page"), keys)
    for told in (capsys.readouterr().out, (tmp_path / "page" / "index.html").read_text()):
        assert "WATCHLIST SILENT, NOTHING IS LOOKED FOR: what this device trusts is gone" in told
    with SealedJournal(tmp_path / "journal.db", keys, SystemClock(), read_only=True) as journal:
        (refused,) = journal.of_kind(RecordKind.REFUSAL)
    assert dict(parse_body(refused.body).facts)["what"] == "watchlist"


def test_a_second_watch_leaves_the_page_of_the_first_alone(tmp_path: Path, orders: Orders, keys: FileKey) -> None:
    page, picture = tmp_path / "page" / "index.html", tmp_path / "page" / "pictures" / "000001-seen.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"seen by the first")
    page.write_text("the first's page")
    with (
        SealedJournal(tmp_path / "journal.db", keys, SystemClock(), "device"),
        pytest.raises(StoreLocked),
    ):
        watched(replace(orders, report_folder=page.parent), keys)
    assert (page.read_text(), picture.read_bytes()) == ("the first's page", b"seen by the first")


def test_a_watch_without_a_console_still_tells_of_a_recording_that_ended_early(
    tmp_path: Path, orders: Orders, keys: FileKey, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = write_video(tmp_path / "whole.avi", 50).read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole[: len(whole) // 2])
    watched(replace(orders, source=str(cut)), keys)
    said = capsys.readouterr()
    assert said.out == ""
    assert "cut.avi: ended early: " in said.err


def test_a_watch_without_contact_is_silent_where_the_site_leases_its_list_and_says_so_everywhere(
    tmp_path: Path, orders: Orders, keys: FileKey, capsys: pytest.CaptureFixture[str]
) -> None:
    watched(replace(orders, lease_hours=24, report_folder=tmp_path / "page"), keys)
    with SealedJournal(tmp_path / "journal.db", keys, SystemClock(), read_only=True) as journal:
        (record,) = journal.of_kind(RecordKind.LEASE)
    assert dict(parse_body(record.body).facts) == {"outcome": "lapsed"}
    for said in (capsys.readouterr().err, (tmp_path / "page" / "index.html").read_text()):
        assert "WATCHLIST SILENT" in said
    Contacts(tmp_path, keys, SystemClock()).note()
    watched(replace(orders, lease_hours=24), keys)
    assert "WATCHLIST SILENT" not in capsys.readouterr().err


def test_a_watch_with_another_boards_profile_says_so_and_goes_on(
    orders: Orders, keys: FileKey, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = load_profile("ci-video")
    foreign = replace(profile, board=replace(profile.board, model="Raspberry Pi 1"))
    outcome = watch(foreign, orders, keys, keys)
    assert "profile ci-video: is for Raspberry Pi 1, and this is " in capsys.readouterr().err
    assert outcome.account.passed == 3


def test_a_watch_whose_clock_was_not_set_says_so_on_console_and_page(
    tmp_path: Path, orders: Orders, keys: FileKey, capsys: pytest.CaptureFixture[str]
) -> None:
    gallery, made = made_up(load_profile("ci-video"), 1), SystemClock().today() + timedelta(days=1)
    write_gallery(orders.watchlist, replace(gallery, terms=replace(gallery.terms, created=made)), keys)
    watched(replace(orders, console=True, report_folder=tmp_path / "page"), keys)
    for told in (capsys.readouterr().out, (tmp_path / "page" / "index.html").read_text()):
        assert told.count("CLOCK NOT SET: it shows ") == 1
        assert f"and it is {made} at least; set it" in told
        assert "which is to come" not in told


def test_a_watch_over_an_expired_entry_says_so_before_it_looks(
    orders: Orders, keys: FileKey, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = made_up(load_profile("ci-video"), 2)
    yesterday = listed.terms.created - timedelta(days=1)
    old, current = listed.entries
    gallery = replace(listed, entries=(replace(old, expires=yesterday), current))
    write_gallery(orders.watchlist, gallery, keys)
    watched(orders, keys)
    assert "1 of 2 entries expired and cannot match" in capsys.readouterr().err.splitlines()[0]


def test_a_watch_goes_on_without_entries_whose_part_of_the_list_was_changed_and_keeps_which(
    orders: Orders, keys: FileKey, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stored, "_LOOKED_THROUGH", 0)
    monkeypatch.setattr(stored, "_CHECKED_WHOLE", 0)
    write_gallery(orders.watchlist, made_up(load_profile("ci-video"), 80), keys)
    data = bytearray(orders.watchlist.read_bytes())
    for at in range(len(data) // 2, len(data), CHUNK_BYTES):  # where details and pictures stand
        data[at] ^= 1
    orders.watchlist.write_bytes(data)
    pictures = orders.state / "pictures"
    pictures.mkdir()
    for number in range(2):
        write_picture(pictures / f"{number}.png", noise(320, 240, number))
    assert watched(replace(orders, source=str(pictures)), keys).account.passed == 2
    with SealedJournal(orders.state / "journal.db", keys, SystemClock(), read_only=True) as journal:
        records = [parse_body(record.body).facts for record in journal.of_kind(RecordKind.REFUSAL)]
    left_out = {str(dict(facts)["entry"]) for facts in records}
    assert left_out
    assert left_out <= {f"made-up-{number}" for number in range(80)}
    assert "LEFT OUT of the watchlist: made-up-" in capsys.readouterr().err


def test_a_watch_hands_out_what_the_officer_is_to_see(tmp_path: Path, orders: Orders, keys: FileKey) -> None:
    seen: list[bytes] = []
    is_over = threading.Event()

    def ask() -> None:
        lookout = Lookout(tmp_path / "officer.sock")
        while not seen and not is_over.wait(0.01):
            seen.extend(filter(None, [lookout.view(0)]))

    phone = threading.Thread(target=ask)
    phone.start()
    watched(replace(orders, officer_socket=tmp_path / "officer.sock"), keys)
    is_over.set()
    phone.join()
    view = json.loads(seen[0])
    told = {line["name"]: line["text"] for line in view["state"]}
    assert (view["cards"], view["log"]) == ([], [])
    assert (told["List made"], told["Station heard"], told["Waiting to be sent"]) == ("today", "never", "unknown")
    assert not (tmp_path / "officer.sock").exists()


def test_a_watch_that_makes_no_clips_still_purges_the_old_ones(tmp_path: Path, orders: Orders, keys: FileKey) -> None:
    clips = SealedClips(tmp_path / FOLDER, keys)
    clips.keep(made_up_head(), b"a film")
    os.utime(clips.folder / f"{made_up_head().id}.clip", (0, 0))
    watched(replace(orders, clips=Clips(before_s=0, after_s=0)), keys)
    assert clips.kept() == ()
    with SealedJournal(tmp_path / "journal.db", keys, SystemClock(), read_only=True) as journal:
        assert len(journal.of_kind(RecordKind.PURGE)) == 1


def test_a_watch_whose_records_a_full_journal_did_not_keep_counts_them_and_is_no_success(
    tmp_path: Path, orders: Orders, keys: FileKey
) -> None:
    outcome = watch(with_full_journal(load_profile("ci-video"), tmp_path, keys), orders, keys, keys)
    assert outcome.unrecorded == len(("start", "configuration", "list", "dropped", "people", "stop"))
    assert code_of(outcome) == StoreFull.exit_code


def test_a_watch_loads_nothing_of_what_verifies_published_lists() -> None:
    loaded = "import sys, lapel.cli.run, lapel.wiring.bench; print({'tuf', 'securesystemslib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"  # 6 MiB of a watch


def test_a_watch_over_a_damaged_journal_says_so_and_goes_on_with_another(
    orders: Orders, keys: FileKey, capsys: pytest.CaptureFixture[str]
) -> None:
    watched(orders, keys)
    path = orders.state / "journal.db"
    path.write_bytes(path.read_bytes()[:-4096])
    assert watched(orders, keys).unrecorded == 0
    assert "JOURNAL SET ASIDE" in capsys.readouterr().err
    with SealedJournal(path, keys, SystemClock(), read_only=True) as journal:
        kinds = [record.kind for record in journal.after(-1, 100)]
    assert (kinds[0], kinds[-1]) == (RecordKind.JOURNAL, RecordKind.STOP)
