"""Who is let in to the console, for how long, and how often somebody may try."""

from __future__ import annotations

from pathlib import Path

import pytest

from lapel.errors import ConfigError, UsageError
from lapel_tools.console.accounts import Accounts
from lapel_tools.console.door import (
    IDLE_S,
    LONGEST_S,
    MOST_OF_A_NAME,
    MOST_OF_A_PEER,
    SPAN_S,
    Door,
    TooManyTries,
    Tries,
)

PASSWORD, PEER = "correct horse battery staple", "192.0.2.1"


class Now:
    """Seconds that stand still until they are moved."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("accounts") / "accounts.json"
    Accounts(path).put("alice", PASSWORD)
    return path


@pytest.fixture
def accounts(made: Path, tmp_path: Path) -> Accounts:
    copy = tmp_path / "accounts.json"
    copy.write_bytes(made.read_bytes())
    copy.chmod(0o600)
    return Accounts(copy)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def door(accounts: Accounts, now: Now) -> Door:
    return Door(accounts, now)


def entered(door: Door) -> str:
    shown = door.enter("alice", PASSWORD, PEER)
    assert shown is not None
    return shown


def test_passwords_are_kept_as_argon2id_in_a_file_of_its_owner_alone(made: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in made.read_text()
    assert '"alice": "$argon2id$v=19$m=65536,t=3,p=4$' in made.read_text()


def test_only_the_right_name_and_password_are_let_in(door: Door) -> None:
    assert door.enter("alice", PASSWORD + "r", PEER) is None
    assert door.enter("bob", PASSWORD, PEER) is None
    session = door.session(entered(door))
    assert session is not None
    assert session.name == "alice"


@pytest.mark.parametrize("shown", ["", "guess", "A" * 43])
def test_what_nobody_was_given_opens_nothing(door: Door, shown: str) -> None:
    entered(door)
    assert door.session(shown) is None


def test_a_session_ends_when_nothing_was_asked_for_a_quarter_of_an_hour(door: Door, now: Now) -> None:
    shown = entered(door)
    now.s += IDLE_S
    assert door.session(shown) is not None
    now.s += IDLE_S + 1
    assert door.session(shown) is None


def test_a_session_ends_after_a_shift_however_busy_it_is(door: Door, now: Now) -> None:
    shown, began = entered(door), now.s
    while now.s - began <= LONGEST_S:
        assert door.session(shown) is not None
        now.s += IDLE_S / 2
    assert door.session(shown) is None


def test_whoever_leaves_is_out(door: Door) -> None:
    shown = entered(door)
    door.leave(shown)
    assert door.session(shown) is None


def test_whoever_leaves_while_another_page_is_asked_for_is_out(
    door: Door, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, everybody = entered(door), accounts.all

    def left_meanwhile() -> dict[str, str]:
        door.leave(shown)
        return everybody()

    monkeypatch.setattr(accounts, "all", left_meanwhile)
    door.session(shown)
    assert door.session(shown) is None


def test_a_new_password_or_an_account_taken_away_ends_its_sessions(door: Door, accounts: Accounts) -> None:
    first = entered(door)
    accounts.put("alice", "another password, longer")
    assert door.session(first) is None
    second = door.enter("alice", "another password, longer", PEER)
    assert second is not None
    accounts.remove("alice")
    assert door.session(second) is None


def test_after_too_many_wrong_passwords_from_one_address_even_the_right_one_waits(door: Door, now: Now) -> None:
    for _ in range(MOST_OF_A_PEER):
        door._peers.fail(PEER)
    with pytest.raises(TooManyTries, match="15 minutes"):
        door.enter("alice", PASSWORD, PEER)
    assert door.enter("alice", PASSWORD, "192.0.2.2") is not None
    now.s += SPAN_S + 1
    entered(door)


def test_a_wrong_password_counts_for_its_address_and_its_name(door: Door) -> None:
    for number in range(MOST_OF_A_NAME - 1):
        door._names.fail("alice")
        del number
    assert door.enter("alice", "wrong password", PEER) is None
    with pytest.raises(TooManyTries):
        door.enter("alice", PASSWORD, "192.0.2.9")
    assert door.enter("bob", "wrong password", "192.0.2.9") is None


def test_tries_remember_no_more_than_they_have_room_for(now: Now) -> None:
    tries = Tries(2, now)
    for number in range(10_500):
        tries.fail(str(number))
    assert len(tries._failed) == 10_000


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [("al ice", PASSWORD, "use 1 to 63 letters"), ("alice", "short", "give 12 to 200"), ("", PASSWORD, "use 1 to 63")],
)
def test_an_account_that_is_none_is_refused(accounts: Accounts, name: str, password: str, said: str) -> None:
    before = accounts.all()
    with pytest.raises(UsageError, match=said):
        accounts.put(name, password)
    assert accounts.all() == before


@pytest.mark.parametrize("text", ["", "[]", '{"alice": 1}', "no JSON"])
def test_a_file_that_holds_no_accounts_is_said(accounts: Accounts, tmp_path: Path, text: str) -> None:
    (tmp_path / "accounts.json").write_text(text)
    with pytest.raises(ConfigError, match="holds no accounts"):
        accounts.all()


def test_a_file_that_others_may_read_is_refused(accounts: Accounts, tmp_path: Path) -> None:
    (tmp_path / "accounts.json").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        accounts.all()
