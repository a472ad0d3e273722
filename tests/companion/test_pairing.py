"""One phone is the officer's, for a shift, and only by the code that the device shows."""

from dataclasses import dataclass, field

import pytest

from lapel.alert.companion.pairing import CODE_LIVES_S, MOST_WRONG, PAIRED_S, NotPaired, Pairings, Phone


@dataclass
class Desk:
    """Pairings with clocks that are moved by hand."""

    wall_s: float = 1_777_896_000.0
    since_boot_s: float = 100.0
    kept: list[Phone | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pairings = self.again()

    def again(self) -> Pairings:
        """As after a restart."""
        phone = self.kept[-1] if self.kept else None
        return Pairings(self.kept.append, phone, lambda: self.wall_s, lambda: self.since_boot_s)

    def paired(self, by: str = "Officer 7") -> str:
        return self.pairings.pair(self.pairings.new_code(), by)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"


def test_the_code_pairs_one_phone_and_then_counts_no_more() -> None:
    desk = Desk()
    code = desk.pairings.new_code()
    secret = desk.pairings.pair(f" {code[:4]} {code[4:]} ", " Officer  7 ")
    phone = desk.pairings.phone(secret)
    assert phone is not None
    assert phone.by == "Officer 7"
    with pytest.raises(NotPaired, match="no code now"):
        desk.pairings.pair(code, "Officer 8")


def test_neither_code_nor_secret_is_held_as_it_is() -> None:
    desk = Desk()
    code = desk.pairings.new_code()
    secret = desk.pairings.pair(code, "Officer 7")
    assert desk.kept[-1] is not None
    assert secret not in str(desk.kept)
    assert code not in str(desk.kept)


def test_a_code_is_too_old_after_five_minutes_whatever_the_wall_clock_says() -> None:
    desk = Desk()
    code = desk.pairings.new_code()
    desk.wall_s -= 1e9
    desk.since_boot_s += CODE_LIVES_S + 1
    with pytest.raises(NotPaired, match="too old"):
        desk.pairings.pair(code, "Officer 7")


def test_a_newer_code_takes_the_place_of_the_one_before() -> None:
    desk = Desk()
    first = desk.pairings.new_code()
    while desk.pairings.new_code() == first:
        pass
    with pytest.raises(NotPaired, match="wrong"):
        desk.pairings.pair(first, "Officer 7")


def test_after_ten_wrong_codes_the_right_one_counts_no_more_until_the_device_shows_another() -> None:
    desk = Desk()
    code = desk.pairings.new_code()
    for left in reversed(range(MOST_WRONG)):
        with pytest.raises(NotPaired, match=f"{left} tries are left"):
            desk.pairings.pair(other(code), "Officer 7")
    assert desk.pairings.is_shut
    with pytest.raises(NotPaired, match="have the device show a new one"):
        desk.pairings.pair(code, "Officer 7")
    assert desk.pairings.phone(desk.paired()) is not None


@pytest.mark.parametrize("by", ["", "  ", "x" * 61, "a\u202eb"])
def test_nobody_is_paired_without_a_name_that_can_be_read(by: str) -> None:
    with pytest.raises(NotPaired, match="name"):
        Desk().paired(by)


def test_a_second_phone_ends_the_first() -> None:
    desk = Desk()
    first, second = desk.paired(), desk.paired("Officer 8")
    assert desk.pairings.phone(first) is None
    assert desk.pairings.phone(second) is not None


def test_a_pairing_outlives_a_restart_and_no_shift() -> None:
    desk = Desk()
    secret = desk.paired()
    again = desk.again()
    assert again.phone(secret) is not None
    desk.wall_s += PAIRED_S
    assert again.phone(secret) is None


def test_a_pairing_of_a_clock_that_was_years_ahead_counts_no_more() -> None:
    desk = Desk()
    secret = desk.paired()
    desk.wall_s -= 1e8
    assert desk.pairings.phone(secret) is None


def test_a_pairing_that_is_ended_is_forgotten() -> None:
    desk = Desk()
    secret = desk.paired()
    desk.pairings.end()
    assert desk.pairings.phone(secret) is None
    assert desk.kept[-1] is None


@pytest.mark.parametrize("secret", ["", "x" * 43, "\udc80"])
def test_what_was_never_given_is_no_secret(secret: str) -> None:
    desk = Desk()
    desk.paired()
    assert desk.pairings.phone(secret) is None
