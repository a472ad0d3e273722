"""What the console answers: nothing to whoever is not in, and nothing in a record is obeyed."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console_rig import HOSTILE, NAME, NOON, PASSWORD, fleet_records, picture
from lapel.errors import StoreError
from lapel.fakes.clock import FakeClock
from lapel_tools.console.accounts import Accounts
from lapel_tools.console.answering import Answered, Asked, Console
from lapel_tools.console.door import MOST_OF_A_PEER, Door
from lapel_tools.station.fleet import Expectation
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.register import Register
from page_reader import PageReader

HOST = "127.0.0.1:8700"
EXPECTED = Expectation(NOON + timedelta(minutes=30), timedelta(hours=24), {}, {})
NAMES = ("cam-1", "cam-2", "Crate", "Painting", "spring", "fork", "Officer 7")


class Visitor:
    """A browser's part: keeps cookies, and sends forms with what was hidden in them."""

    def __init__(self, console: Console) -> None:
        self.console, self.cookies = console, dict[str, str]()

    def ask(self, path: str, method: str = "GET", **more: object) -> Answered:
        asked = replace(Asked(method, path, HOST, "192.0.2.1", cookies=dict(self.cookies)), **more)  # type: ignore[arg-type]
        answered = self.console.answer(asked)
        for name, value in answered.headers:
            if name == "Set-Cookie":
                cookie, _, kept = value.partition("=")
                self.cookies[cookie] = kept.partition(";")[0]
        return answered

    def log_in(self, password: str = PASSWORD, **form: str) -> Answered:
        token = hidden(self.ask("/login").body)
        return self.ask("/login", "POST", form={"name": NAME, "password": password, "token": token} | form)


def hidden(body: str) -> str:
    (token,) = set(re.findall(r'name="token" value="([^"]+)"', body))
    return token


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("station")
    fleet_records(made / "station.db")
    Accounts(made / "accounts.json").put(NAME, PASSWORD)
    return made


def console_on(folder: Path, is_tls: bool = False) -> Console:
    door = Door(Accounts(folder / "accounts.json"), lambda: 0.0)
    return Console(door, lambda: Holdings(folder / "station.db"), lambda: EXPECTED, frozenset({HOST}), is_tls)


@pytest.fixture(scope="module")
def console(folder: Path) -> Console:
    return console_on(folder)


@pytest.fixture(scope="module")
def inside(console: Console) -> Visitor:
    """Somebody who logged in."""
    visitor = Visitor(console)
    assert visitor.log_in().status == 303
    return visitor


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/", "/alerts", "/audit", "/logout", "/no-such-page", "/../station.db", "/alerts?page=1"]
)
def test_without_login_every_path_leads_to_the_door_and_shows_nothing(console: Console, path: str, method: str) -> None:
    answered = Visitor(console).ask(path, method)
    assert (answered.status, answered.body) == (303, "")
    assert ("Location", "/login") in answered.headers


def test_the_door_tells_nothing_of_the_fleet(console: Console) -> None:
    body = Visitor(console).ask("/login").body
    assert [name for name in NAMES if name in PageReader(body).text] == []


def test_whoever_is_in_sees_fleet_alerts_answers_and_audit(inside: Visitor) -> None:
    fleet, alerts, audit = (PageReader(inside.ask(path).body) for path in ("/", "/alerts", "/audit"))
    assert "cam-1" in fleet.text
    assert "spring version 3" in fleet.text
    assert "Crate with a customs seal" in alerts.text
    assert "it is, Officer 7, 2026-01-31 12:05 UTC" in alerts.text
    assert alerts.pictures == [picture()]
    assert "of 1 there are two versions: a fork" in audit.text
    assert "1 wait for others before them: a gap" in audit.text
    assert "1 × fork" in audit.text
    assert "alarm (fork, 1 ×)" in audit.text
    assert "1 of 3 to look after" in audit.text


def test_a_settled_alarm_is_shown_with_who_and_why_and_is_to_be_looked_after_no_more(tmp_path: Path) -> None:
    fleet_records(tmp_path / "station.db")
    Accounts(tmp_path / "accounts.json").put(NAME, PASSWORD)
    with closing(Register(tmp_path / "station.db", FakeClock(NOON))) as register:
        for raised in register.alarms():
            assert register.settle(raised.device, raised.alarm, "Alice", "its card was <copied>")
    visitor = Visitor(console_on(tmp_path))
    visitor.log_in()
    audit = PageReader(visitor.ask("/audit").body)
    assert "0 of 3 to look after" in audit.text
    assert "fork, 1 ×, last: record" in audit.text
    assert "(by Alice, 2026-01-31 12:00 UTC: its card was <copied>)" in audit.text
    assert "alarm" not in PageReader(visitor.ask("/").body).text


@pytest.mark.parametrize("path", ["/", "/alerts", "/audit", "/login", "/nothing"])
def test_pages_are_whole_and_fetch_run_and_embed_nothing(inside: Visitor, path: str) -> None:
    page = PageReader(inside.ask(path).body)
    assert "script" not in page.tags
    assert {address for address in page.fetched if not address.startswith("/")} == set()
    assert page.unnamed == 0


def test_text_of_a_record_is_shown_and_not_obeyed(inside: Visitor) -> None:
    for path in ("/alerts", "/audit"):
        assert HOSTILE in PageReader(inside.ask(path).body).text


@pytest.mark.parametrize("page", ["-1", "9" * 400, "1e9", "x", "", "٣"])
def test_a_page_that_is_none_is_the_first(inside: Visitor, page: str) -> None:
    assert "Crate with a customs seal" in inside.ask("/alerts", query={"page": page}).body


def test_beyond_the_last_page_there_are_no_alerts(inside: Visitor) -> None:
    answered = inside.ask("/alerts", query={"page": "99999"})
    assert "No alerts here." in answered.body


def test_a_wrong_password_is_told_without_saying_what_was_wrong(console: Console) -> None:
    visitor = Visitor(console)
    wrong, nobody = visitor.log_in("wrong password!"), visitor.log_in(name="nobody")
    assert (wrong.status, nobody.status) == (403, 403)
    assert PageReader(wrong.body).text == PageReader(nobody.body).text
    assert visitor.ask("/").status == 303


def test_too_many_tries_are_told_and_the_password_is_not_looked_at_any_more(folder: Path) -> None:
    console = console_on(folder)
    for _ in range(MOST_OF_A_PEER):
        console._door._peers.fail("192.0.2.1")
    answered = Visitor(console).log_in()
    assert answered.status == 429
    assert "try again in 15 minutes" in answered.body


@pytest.mark.parametrize("change", [{"form": {}}, {"cookies": {}}, {"site": "cross-site"}, {"site": "same-site"}])
def test_a_login_that_another_site_sends_is_refused(console: Console, change: dict[str, object]) -> None:
    visitor = Visitor(console)
    form = {"name": NAME, "password": PASSWORD, "token": hidden(visitor.ask("/login").body)}
    answered = visitor.ask("/login", "POST", **({"form": form} | change))
    assert answered.status == 403
    assert "lapel-session" not in visitor.cookies


@pytest.mark.parametrize("change", [{"form": {}}, {"form": {"token": "guess"}}, {"site": "cross-site"}])
def test_a_logout_that_another_site_sends_is_refused(inside: Visitor, change: dict[str, object]) -> None:
    form = {"token": hidden(inside.ask("/").body)}
    assert inside.ask("/logout", "POST", **({"form": form} | change)).status == 403
    assert inside.ask("/").status == 200


def test_after_logout_the_old_cookie_opens_nothing(console: Console) -> None:
    visitor = Visitor(console)
    visitor.log_in()
    old = dict(visitor.cookies)
    assert visitor.ask("/logout", "POST", form={"token": hidden(visitor.ask("/").body)}).status == 303
    assert visitor.ask("/", cookies=old).status == 303


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(inside: Visitor, method: str) -> None:
    token = hidden(inside.ask("/").body)
    for path in ("/", "/alerts", "/audit"):
        assert inside.ask(path, method, form={"token": token}).status == 404


@pytest.mark.parametrize("host", ["", "evil.example", "evil.example:8700", "127.0.0.1", "127.0.0.1:8701"])
def test_a_name_that_is_not_its_own_is_answered_nothing(inside: Visitor, host: str) -> None:
    answered = inside.ask("/", host=host)
    assert (answered.status, answered.body) == (421, "")


def test_no_answer_is_kept_framed_or_guessed_at_and_cookies_are_the_browsers_alone(inside: Visitor) -> None:
    headers = dict(inside.ask("/login").headers)
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Set-Cookie"].endswith("; Path=/; HttpOnly; SameSite=Strict")
    assert "Strict-Transport-Security" not in headers


def test_over_tls_cookies_go_over_tls_alone(folder: Path) -> None:
    headers = dict(Visitor(console_on(folder, is_tls=True)).ask("/login").headers)
    assert headers["Set-Cookie"].startswith("__Host-lapel-login=")
    assert headers["Set-Cookie"].endswith("; Secure")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_database_that_cannot_be_read_is_told_to_whoever_is_in(folder: Path) -> None:
    def broken() -> Holdings:
        raise StoreError("station.db: disk I/O error; look after the disk")

    console = console_on(folder)
    visitor = Visitor(console)
    visitor.log_in()
    console._held = broken
    answered = visitor.ask("/")
    assert answered.status == 503
    assert "look after the disk" in answered.body
