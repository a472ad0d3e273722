"""Whoever can write the card takes away what the device trusts, or puts an older copy back: nothing is looked for then.

Each attack is made between two starts of the real loop, with the real files; the key stays on the device.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.authority import NOON
from lapel.core.record_body import parse_body
from lapel.core.records import Event, RecordKind
from lapel.errors import Refused
from lapel.fakes.clock import FakeClock
from lapel.store.contact import CONTACT, Contacts
from lapel.store.gallery import open_gallery, write_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.lease_spent import LEASE
from lapel.store.staging import WATCHLIST, take_metadata
from lapel.store.trust import FILE
from lapel.wiring.doctor_list import examine_trust
from lapel.wiring.kept_before import trusted_before, update_event
from lapel.wiring.lease import LeaseKeeper
from lapel.wiring.ordered_wipe import record_order
from lapel.wiring.withheld import Withheld, asked_of
from published_rig import Camera, Lists
from watch_rig import CODES, coded_crates, told_of

ALL = {"crate-0", "crate-1", "crate-2"}
LEASE_HOURS = 24


class Board:
    """A device with a list of three crates and a lease, its journal, and whoever has its card in hand."""

    def __init__(self, state: Path, lists: Lists) -> None:
        self.camera, self.lists, self.clock = Camera(state, lists), lists, FakeClock(NOON)
        self.state, self.said = state, list[str]()
        lists.publish(coded_crates(3, NOON.date()), lease_hours=LEASE_HOURS)
        self.take("applied")
        self.hear()

    def take(self, outcome: str) -> None:
        """Take what is published, and keep a record of it, as an import does."""
        self.camera.take()
        self.keep(update_event(self.camera.trust(), outcome))

    def hear(self) -> None:
        """There is contact."""
        Contacts(self.state, self.camera.keys, self.clock).note()

    def keep(self, event: Event) -> None:
        with self.journal() as journal:
            journal.append(event)

    def journal(self) -> SealedJournal:
        return SealedJournal(self.state / JOURNAL, self.camera.keys, self.clock, "cam-1")

    def start(self, hours: float = 0.5) -> set[str]:
        """Switch it off and on, watch for some time with all crates in view; gives those that are told of at the
        end."""
        self.clock.reboot()
        with self.journal() as journal:
            state, keys, said = self.state, self.camera.keys, self.said.append
            out = Withheld(state, keys, said, known=trusted_before(journal), keep=journal.append)
            listed = open_gallery(state / WATCHLIST, keys)
            of_list = listed.charter.lease_hours if listed.charter else 0
            lease = LeaseKeeper(state, keys, self.clock, 0, said, lambda: of_list)
            self.clock.advance(hours * 3600)
            lease.look()
            asked_of(out, listed)()
            told = told_of(self.camera, self.clock, out, lease, CODES)
            journal.append(Event(RecordKind.STOP, (("reason", "end"),)))
        return told

    def refusals(self) -> list[str]:
        """Why nothing was looked for, by the journal."""
        with closing(SealedJournal(self.state / JOURNAL, self.camera.keys, self.clock, read_only=True)) as journal:
            return [str(dict(parse_body(each.body).facts)["why"]) for each in journal.of_kind(RecordKind.REFUSAL)]

    def doctor(self) -> str:
        """What the doctor finds wrong; empty where nothing is."""
        try:
            examine_trust(
                self.state, self.camera.keys, self.clock, open_gallery(self.state / WATCHLIST, self.camera.keys)
            )
        except Refused as error:
            return str(error)
        return ""

    def is_refused(self, why: str) -> bool:
        """Whether nothing is looked for, and page, journal and doctor say why."""
        assert self.start() == set()
        assert any(text.startswith("WATCHLIST SILENT") and why in text for text in self.said), self.said
        assert why in self.refusals()[-1]
        assert why in self.doctor()
        return True


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def board(tmp_path: Path, lists: Lists) -> Board:
    (tmp_path / "state").mkdir()
    return Board(tmp_path / "state", lists)


@pytest.fixture
def long_board(board: Board, monkeypatch: pytest.MonkeyPatch) -> Board:
    """Its list counts as a long one, which is not written anew for a withdrawal."""
    monkeypatch.setattr("lapel.store.staging.MOST_REWRITTEN", 0)
    return board


def test_untouched_it_tells_of_all(board: Board) -> None:
    assert board.start() == ALL
    assert (board.said, board.refusals(), board.doctor()) == ([], [], "")


def test_a_list_whose_trust_was_removed_is_not_looked_for(board: Board) -> None:
    board.lists.withdraw("crate-1")
    board.take("withdrawn")
    (board.state / FILE).unlink()
    assert board.is_refused("is gone")


def test_so_it_is_where_the_journal_went_too(board: Board) -> None:
    for path in (FILE, JOURNAL):
        (board.state / path).unlink()
    assert board.is_refused("is gone")


def test_a_list_that_nobody_signed_is_not_looked_for_where_trust_was_removed(board: Board) -> None:
    (board.state / FILE).unlink()
    write_gallery(board.state / WATCHLIST, coded_crates(3, NOON.date()), board.camera.keys)
    assert board.is_refused("is gone")


def test_a_list_that_nobody_signed_is_looked_for_where_no_authority_ever_was(tmp_path: Path, board: Board) -> None:
    for path in (FILE, JOURNAL):
        (board.state / path).unlink()
    write_gallery(board.state / WATCHLIST, coded_crates(3, NOON.date()), board.camera.keys)
    assert board.start() == ALL


def test_the_trust_of_another_device_with_the_same_passphrase_is_none(
    tmp_path: Path, board: Board, lists: Lists
) -> None:
    (tmp_path / "other").mkdir()
    Camera(tmp_path / "other", lists, "cam-2")
    shutil.copy(tmp_path / "other" / FILE, board.state / FILE)
    assert board.is_refused("another device's")


def test_a_trust_from_before_a_withdrawal_is_refused_by_the_list_that_was_written_anew(board: Board) -> None:
    before = (board.state / FILE).read_bytes()
    board.lists.withdraw("crate-1")
    board.take("withdrawn")
    (board.state / FILE).write_bytes(before)
    (board.state / JOURNAL).unlink()
    assert board.is_refused("older copy")


def test_so_it_is_by_the_journal_where_a_long_list_was_not(long_board: Board) -> None:
    board = long_board
    before = (board.state / FILE).read_bytes()
    board.lists.withdraw("crate-1")
    board.take("withdrawn")
    assert board.start() == ALL - {"crate-1"}
    (board.state / FILE).write_bytes(before)
    assert board.is_refused("older copy")


def test_list_and_trust_of_before_are_refused_by_the_journal(board: Board) -> None:
    before = {name: (board.state / name).read_bytes() for name in (FILE, WATCHLIST)}
    board.lists.publish(coded_crates(1, NOON.date()), 2)
    board.take("applied")
    for name, data in before.items():
        (board.state / name).write_bytes(data)
    assert board.is_refused("older copy")


def test_what_the_link_brings_afterwards_makes_it_look_again(long_board: Board) -> None:
    board = long_board
    before = (board.state / FILE).read_bytes()
    board.lists.withdraw("crate-1")
    board.take("withdrawn")
    (board.state / FILE).write_bytes(before)
    assert board.start() == set()
    board.take("withdrawn")
    assert board.start() == ALL - {"crate-1"}
    assert board.doctor() == ""


def test_trusted_anew_the_old_list_is_not_looked_for_and_one_that_comes_then_is(board: Board) -> None:
    (board.state / FILE).unlink()
    board.camera = Camera(board.state, board.lists)
    board.keep(update_event(board.camera.trust(), "trusted"))
    assert board.is_refused("made anew")
    board.lists.publish(coded_crates(3, NOON.date()), 2)
    board.take("applied")
    assert board.start() == ALL


def test_an_older_trust_during_a_watch_changes_nothing(long_board: Board) -> None:
    state, keys = long_board.state, long_board.camera.keys
    before = (state / FILE).read_bytes()
    long_board.lists.withdraw("crate-1")
    long_board.take("withdrawn")
    watch = Withheld(state, keys, long_board.said.append)
    (state / FILE).write_bytes(before)
    watch.look()
    assert watch.of("springfield", 1).entry_ids == {"crate-1"}
    assert "older copy" in long_board.said[-1]


def test_a_device_that_began_to_obey_a_wipe_looks_for_nothing_with_the_trust_of_before(board: Board) -> None:
    before = (board.state / FILE).read_bytes()
    board.lists.authority.order_wipe(board.camera.trust().sealing)
    take_metadata(board.camera.device, board.camera.trust(), board.lists, NOON)
    order = board.camera.trust().wipe
    assert order is not None
    record_order(board.state, board.camera.keys, board.clock, order)
    (board.state / FILE).write_bytes(before)
    assert board.is_refused("older copy")


@pytest.mark.parametrize("name", [CONTACT, LEASE])
def test_a_lease_of_which_a_part_was_removed_has_lapsed(board: Board, name: str) -> None:
    assert board.start() == ALL
    (board.state / name).unlink()
    assert board.start() == set()


def test_the_contact_of_another_device_with_the_same_passphrase_renews_no_lease(
    tmp_path: Path, board: Board, lists: Lists
) -> None:
    (tmp_path / "other").mkdir()
    other = Camera(tmp_path / "other", lists, "cam-2")
    board.clock.advance(25 * 3600)
    assert board.start() == set()
    Contacts(other.device.state, other.keys, board.clock).note()
    for name in (CONTACT, LEASE):
        shutil.copy(other.device.state / name, board.state / name)
    assert board.start() == set()
    assert any("contact.json: was not written by this device" in text for text in board.said)


def test_a_lease_has_lapsed_where_what_was_used_up_is_of_another_contact(board: Board) -> None:
    before = (board.state / LEASE).read_bytes()
    board.clock.advance(3600)
    board.hear()
    (board.state / LEASE).write_bytes(before)
    assert board.start() == set()
    assert any("counts as lapsed" in text for text in board.said)


def test_without_trust_the_lease_that_the_list_names_still_ends_it(board: Board) -> None:
    (board.state / FILE).unlink()
    board.clock.advance(25 * 3600)
    assert board.start() == set()


def test_a_clock_set_back_brings_back_nothing_that_had_ended_when_the_authority_spoke_last(board: Board) -> None:
    board.lists.authority.later(days=3)
    board.lists.authority.publish()
    board.clock.advance(3 * 86_400)
    board.take("current")
    board.hear()
    assert board.start() == ALL - {"crate-0"}
    board.clock.set_wall(NOON - timedelta(days=30))
    board.hear()
    assert board.start() == ALL - {"crate-0"}
