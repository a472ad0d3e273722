"""A locked device on the officer's page: it is seen to be locked, unlocked by its passphrase, and locked again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from browser import Browser, Tab, axe, needs_browser, opened
from lapel.core.records import RecordKind
from lapel.core.unlocking import FREE, WhileLocked
from lapel.fakes.clock import FakeClock
from lapel.health.clock import SystemClock
from lapel.store.attempts import Attempts
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import PassphraseKey
from lapel.wiring.local import LocalServer
from lapel.wiring.locked_desk import LockedDesk
from officer_rig import Companion, companion, watching
from shift_rig import PASSPHRASE, WRONG

pytestmark = needs_browser

SHOWS_LOCKED = "!document.querySelector('#locked').hidden && document.querySelector('#whole').hidden"
FOUND = "axe.run().then((r) => r.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.html).join()]))"


@contextmanager
def locked(folder: Path, before: WhileLocked | None = None) -> Iterator[LockedDesk]:
    """A locked device with what happened ``before``, until the block ends."""
    state = folder / "closed"
    if not state.exists():
        state.mkdir()
        SealedJournal(state / JOURNAL, PassphraseKey(PASSPHRASE), FakeClock(), "cam-7").close()
    if before is not None:
        Attempts(state).write(before)
    desk = LockedDesk(state, "cam-7", SystemClock(), lambda text: None)
    server = LocalServer(folder / "officer.sock", desk.answer, 4096, mode=0o660)
    try:
        yield desk
    finally:
        server.close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("chromium")) as begun:
        yield begun


def paired(browser: Browser, page: Companion) -> Tab:
    tab = browser.phone()
    tab.open(page.origin + "/")
    tab.type("#code", page.code())
    tab.type("#name", "Officer 7")
    tab.tap("form button")
    tab.until(SHOWS_LOCKED)
    return tab


def give(tab: Tab, passphrase: str) -> None:
    tab.value("document.querySelector('#passphrase').value = ''")
    tab.type("#passphrase", passphrase)
    tab.tap("#unlock-now")


def in_memory_of(pid: int, wanted: bytes) -> bool:
    """Whether a process holds these bytes anywhere that it may write to."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            if not mode.startswith("rw"):
                continue
            begin, end = (int(each, 16) for each in span.split("-"))
            memory.seek(begin)
            if wanted in memory.read(end - begin):
                return True
    return False


def test_a_phone_unlocks_the_device_and_what_carries_the_passphrase_never_holds_it(
    browser: Browser, tmp_path: Path
) -> None:
    with companion(tmp_path) as page:
        with locked(tmp_path) as desk:
            phone = paired(browser, page)
            assert "Nothing is looked at, and nothing is kept" in phone.text()
            give(phone, WRONG)
            phone.until("document.querySelector('#failed').textContent === 'NOT UNLOCKED: the passphrase is wrong'")
            phone.until("document.querySelector('#wrong').textContent.startsWith('Wrong so far: 1')")
            give(phone, PASSPHRASE)
            assert desk.opened.wait(20)
            phone.until("document.querySelector('#down').textContent.startsWith('NO WATCHLIST YET')")
            assert not phone.value("document.querySelector('#down').hidden")
        phone.until("!document.querySelector('#starting').hidden")  # the lookout loads
        assert phone.value("document.querySelector('#passphrase').value") == ""
        held = Attempts(tmp_path / "closed").read()
        assert [(each.outcome, each.by) for each in held.happened] == [
            ("paired", "Officer 7"),
            ("wrong passphrase", "Officer 7"),
        ]
        assert desk.unlocked is not None
        assert desk.unlocked.by == "Officer 7"
        with watching(tmp_path):
            phone.until("!document.querySelector('#none').hidden && !document.querySelector('#whole').hidden")
            assert phone.value("document.querySelector('#lock').hidden")  # of a device that nothing locks
        for passphrase in (PASSPHRASE, WRONG):
            assert not in_memory_of(page.process.pid, passphrase.encode())
        assert in_memory_of(page.process.pid, b"Officer 7")  # or nothing was looked through


def test_the_page_says_how_long_to_wait_and_takes_nothing_before(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel.core.unlocking.FIRST_S", 2.0)
    with companion(tmp_path) as page, locked(tmp_path, WhileLocked(FREE)) as desk:
        phone = paired(browser, page)
        give(phone, WRONG)
        phone.until("document.querySelector('#unlock-now').textContent.startsWith('Wait ')")
        assert phone.value("document.querySelector('#unlock-now').disabled")
        phone.until("!document.querySelector('#unlock-now').disabled")
        give(phone, PASSPHRASE)
        assert desk.opened.wait(20)


def test_the_officer_locks_it_by_two_taps_on_record(browser: Browser, tmp_path: Path) -> None:
    is_asked = Event()
    with companion(tmp_path) as page:
        with locked(tmp_path):
            phone = paired(browser, page)
            give(phone, WRONG)
            phone.until("!document.querySelector('#failed').hidden")
        with watching(tmp_path, is_asked.set) as watch:
            phone.until("!document.querySelector('#lock').hidden")
            phone.until("document.querySelector('#failed').hidden")  # it was unlocked elsewhere
            phone.tap("#lock")
            phone.until("document.querySelector('#lock').textContent.startsWith('Tap again')")
            assert not is_asked.is_set()
            phone.tap("#lock")
            assert is_asked.wait(20)
            assert watch.kept(RecordKind.LOCK) == [{"outcome": "locked", "by": "Officer 7"}]
        with locked(tmp_path):
            phone.until(SHOWS_LOCKED)


def test_no_serious_finding_of_axe_on_a_locked_page_and_its_buttons_are_large(browser: Browser, tmp_path: Path) -> None:
    program = axe()
    with companion(tmp_path) as page, locked(tmp_path):
        phone = paired(browser, page)
        phone.value(program + ";0")
        for is_night in (False, True):
            phone.by_night(is_night)
            assert [each for each in phone.value(FOUND) if each[0] in ("serious", "critical", "moderate")] == []
        heights = (
            "[...document.querySelectorAll('button')].map((e) => e.getBoundingClientRect().height).filter(Boolean)"
        )
        assert phone.value(f"Math.min(...{heights})") >= 56
        assert phone.value("document.documentElement.scrollWidth") <= 412
        assert phone.value("document.querySelector('#locked [role=alert]').innerText").startswith(
            "Nothing is looked at"
        )
