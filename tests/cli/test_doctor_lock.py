"""The doctor says whether a device that its phone unlocks is unlocked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lapel.config.profile import load_profile
from lapel.config.site import PHONE, Device, Site, State
from lapel.core.unlocking import WhileLocked
from lapel.fakes.keys import FixedKey
from lapel.store.attempts import Attempts
from lapel.wiring.doctor import Patient, Verdict, examine_given
from lapel.wiring.lent_keys import Lender, LentKeys


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """A device whose keys its lookout lends."""
    tmp_path.chmod(0o700)
    site = Site(Device("harbour", "cam-1"), state=State(tmp_path, PHONE))
    return Patient(load_profile("ci-video"), tmp_path, lambda: LentKeys(tmp_path), site=site)


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    lending = Lender(tmp_path)
    yield lending
    lending.close()


def found(patient: Patient, *names: str) -> list[Verdict]:
    return [each for each in examine_given(patient, "") if each.name in names]


def test_a_locked_device_is_a_finding_with_what_was_tried_and_what_to_do(
    patient: Patient, lender: Lender, tmp_path: Path
) -> None:
    Attempts(tmp_path).write(WhileLocked(2))
    lock, key = found(patient, "lock", "key")
    assert not lock.is_fine
    assert "LOCKED, 2 wrong passphrases" in lock.said
    assert "give its passphrase on the officer's page, or by lapel unlock" in lock.said
    assert not key.is_fine


def test_an_unlocked_one_is_fine_and_its_keys_are_tried(patient: Patient, lender: Lender) -> None:
    lender.keys = FixedKey()
    assert [each.is_fine for each in found(patient, "lock", "key")] == [True, True]


def test_without_a_lookout_nobody_could_unlock_it(patient: Patient) -> None:
    (lock,) = found(patient, "lock")
    assert not lock.is_fine
    assert "no lookout runs" in lock.said


def test_of_a_device_that_nothing_locks_nothing_is_said(patient: Patient) -> None:
    assert patient.site is not None
    assert found(replace(patient, site=replace(patient.site, state=State())), "lock") == []
