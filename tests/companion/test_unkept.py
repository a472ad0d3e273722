"""On a card that takes nothing nobody is paired or let go, and the page says why."""

import asyncio
import json
import time
from pathlib import Path
from typing import cast

import pytest
from microdot.test_client import TestClient

from lapel.alert.companion.app import COOKIE, Device, Page, Said
from lapel.alert.companion.pairing import Pairings, form_secret
from lapel.core.records import Event
from lapel.wiring.companion import _remember

ORIGIN = "https://127.0.0.1"
UNRECORDED = "the lookout is not running"


class Desk:
    """A page on a disk that can be broken: a folder in the place of the phone's file, as root may write anything."""

    def __init__(self, file: Path) -> None:
        self.file, self.breaks_when_told, self.trouble = file, False, ""
        self.pairings = Pairings(lambda phone: _remember(file, phone), None, time.time, time.monotonic)
        self.client = TestClient(Page(ORIGIN, cast(Device, self), self.pairings).app)

    def say(self, event: Event) -> Said:
        if self.breaks_when_told:
            self.breaks()
        return Said(self.trouble)

    def breaks(self) -> None:
        self.file.unlink(missing_ok=True)
        self.file.mkdir()

    def asks(self, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        sent = {"Host": "127.0.0.1", "Origin": ORIGIN} | headers
        reply = asyncio.run(self.client.request("POST" if path != "/" else "GET", path, sent, body))
        return reply.status_code, str(reply.text)

    def pairs(self, code: str) -> tuple[int, str]:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.asks("/pair", f"code={code}&name=Officer+7", **form)

    @property
    def is_paired(self) -> bool:
        return 'name="lapel-page"' in self.asks("/")[1]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "phone.json")


def test_a_pairing_that_cannot_be_kept_is_said_and_spends_no_code(desk: Desk) -> None:
    code = desk.pairings.new_code()
    desk.breaks()
    status, said = desk.pairs(code)
    assert (status, desk.is_paired) == (502, False)
    assert "not paired, as the device cannot keep it: " in said
    assert f"phone.json: cannot be written: Is a directory; check that {desk.file.parent}" in said
    desk.file.rmdir()
    assert desk.pairs(code)[0] == 303
    assert desk.is_paired


def test_the_phone_before_stays_where_the_next_cannot_be_kept(desk: Desk) -> None:
    desk.pairs(desk.pairings.new_code())
    desk.breaks()
    desk.pairs(desk.pairings.new_code())
    assert desk.is_paired


def test_a_pairing_that_cannot_be_forgotten_stands_and_is_said_to(desk: Desk) -> None:
    desk.pairs(desk.pairings.new_code())
    secret = str(desk.client.cookies[COOKIE])
    desk.breaks()
    status, said = desk.asks("/leave", "{}", **{"X-Lapel-Page": form_secret(secret)})
    assert status == 502
    assert json.loads(said)["trouble"].startswith("the pairing stands, as the device cannot forget it: ")
    assert desk.is_paired


def test_a_pairing_that_can_be_neither_recorded_nor_forgotten_lets_nobody_in(desk: Desk) -> None:
    desk.breaks_when_told, desk.trouble = True, UNRECORDED
    status, said = desk.pairs(desk.pairings.new_code())
    assert (status, desk.is_paired) == (502, False)
    assert f"not paired, as it cannot be recorded: {UNRECORDED}; " in said
    assert "phone.json: cannot be written: " in said
