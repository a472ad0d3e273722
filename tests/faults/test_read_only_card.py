"""A card that went read-only keeps nothing, and no watch from looking: it alerts, and says that nothing is recorded."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from footage import write_video
from lapel.config.profile import load_profile
from lapel.errors import StoreError, StoreLocked
from lapel.fakes.clock import FakeClock
from lapel.health.clock import SystemClock
from lapel.store.gallery import write_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import KEY_FILE, FileKey, PassphraseKey
from lapel.store.lock import WriterLock
from lapel.store.set_aside import open_or_begin
from lapel.wiring.bench import made_up
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.shift import Closed, unlocked
from shift_rig import PASSPHRASE, closed_device


@contextmanager
def mounted(card: Path) -> Iterator[Callable[[], object]]:
    """A card of its own, which becomes read-only once what is given is called."""
    card.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "lapel-card", str(card)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("root that may mount: a card that is read-only")
    try:
        yield lambda: subprocess.run(["mount", "-o", "remount,ro", str(card)], check=True)
    finally:
        subprocess.run(["umount", "--lazy", str(card)], check=True)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return tmp_path / "card"


@pytest.mark.parametrize("is_begun", [True, False], ids=["a device that has watched", "its first watch"])
def test_a_watch_begins_on_it_looks_alone_and_says_that_nothing_is_recorded(
    card: Path, tmp_path: Path, is_begun: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    profile, clip = load_profile("ci-video"), write_video(tmp_path / "clip.mp4", 3)
    with mounted(card) as spoil:
        keys = FileKey.create(card / KEY_FILE)
        write_gallery(card / "list.lapel", made_up(profile, 1), keys)
        if is_begun:
            SealedJournal(card / JOURNAL, keys, SystemClock(), "device").close()
        spoil()
        orders = Orders(str(clip), card / "list.lapel", card, is_live=False, console=False)
        orders = replace(orders, lines_file=card / "alerts.jsonl", report_folder=card / "page")
        with open_or_begin(card / JOURNAL, keys, FakeClock(), "device", 1.0).journal, pytest.raises(StoreLocked):
            watch(profile, orders, keys, keys)
        outcome = watch(profile, orders, keys, keys)
        with pytest.raises(StoreError, match="read-only"):
            WriterLock(card / JOURNAL)  # whoever needs it to write
    assert outcome.account.passed == 3
    assert outcome.unrecorded
    said = capsys.readouterr().err
    assert "NOTHING IS RECORDED" in said
    for name in ("alerts.jsonl", "page"):
        assert f"SHOWN, AND NOT WRITTEN: {card / name}: " in said


def test_a_device_on_it_can_still_be_unlocked_by_its_phone(tmp_path: Path) -> None:
    said: list[str] = []
    with mounted(tmp_path / "state") as spoil:
        device = closed_device(tmp_path)
        spoil()

        def officer() -> None:
            while device.give(PASSPHRASE) != 0:
                pass  # it does not listen yet

        giving = Thread(target=officer, daemon=True)
        giving.start()
        closed = Closed(device.state, device.state / "list.lapel", "cam-7", device.socket)
        with unlocked(closed, said.append, lambda: None) as shift:
            assert shift.keys.derive("journal", b"salt") == PassphraseKey(PASSPHRASE).derive("journal", b"salt")
        giving.join(20)
    assert "NOTHING CAN BE SENT OR FETCHED" in said[0]
