"""Who may see the officer's page and do something from it: the paired phone's own page, at one address."""

import asyncio
import http.client
import json
import re
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from endless_head import takes_endless_head
from lapel.alert.companion.certificate import fingerprint
from lapel.alert.companion.door import MOST_OF_ONE, Door
from lapel.alert.companion.pairing import MOST_WRONG
from lapel.core.records import RecordKind
from lapel.errors import StoreLocked
from lapel.wiring.companion import invitation, plan_of, serve
from officer_rig import Companion, Watch, companion, watching
from sync_rig import wait_until


@dataclass
class Phone:
    """A browser's requests, without its goodwill."""

    page: Companion
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
        trust = ssl.create_default_context(cafile=str(self.page.folder / "page" / "page.pem"))
        line = http.client.HTTPSConnection("127.0.0.1", self.page.port, context=trust, timeout=20)
        sent = {"Cookie": self.cookie, "Origin": self.page.origin} | self.headers
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body, {name: value for name, value in sent.items() if value})
        return line.getresponse()

    def pairs(self, code: str, name: str = "Officer 7") -> http.client.HTTPResponse:
        form = urlencode({"code": code, "name": name})
        answer = self.ask("POST", "/pair", form, Content_Type="application/x-www-form-urlencoded")
        if cookie := answer.getheader("Set-Cookie"):
            self.cookie = cookie.split(";")[0]
            self.headers["X-Lapel-Page"] = secret_of(self.ask("GET", "/").read().decode())
        return answer

    def answers(self, alert: str, answer: str = "it is", **headers: str) -> int:
        return self.ask("POST", "/answer", json.dumps({"alert": alert, "answer": answer}), **headers).status


def secret_of(page: str) -> str:
    found = re.search(r'name="lapel-page" content="([0-9a-f]+)"', page)
    return found[1] if found else ""


@pytest.fixture
def phone(page: Companion) -> Phone:
    """The paired phone."""
    paired = Phone(page)
    assert paired.pairs(page.code()).status == 303
    return paired


def test_without_pairing_a_phone_sees_where_to_pair_and_nothing_else(page: Companion, watch: Watch) -> None:
    alert, stranger = watch.alerts(), Phone(page)
    assert "Pair this phone" in stranger.ask("GET", "/").read().decode()
    for path in ("/events", f"/picture/listed/{alert}", f"/picture/straight/{alert}", f"/picture/seen/{alert}"):
        assert stranger.ask("GET", path).status == 401
    for path in ("/answer", "/mute", "/leave"):
        assert stranger.ask("POST", path, "{}").status == 401
    assert watch.journal.answers.said_of(alert) is None


def test_the_paired_phone_answers_and_is_named(phone: Phone, watch: Watch) -> None:
    alert = watch.alerts()
    assert phone.answers(alert, "it is not") == 200
    assert watch.kept(RecordKind.ANSWER)[-1] == {"alert": alert, "answer": "it is not", "by": "Officer 7"}


def test_pictures_are_the_paired_phones_and_no_cache_keeps_them(phone: Phone, watch: Watch) -> None:
    alert = watch.alerts()
    for which in ("listed", "seen"):
        answer = phone.ask("GET", f"/picture/{which}/{alert}")
        assert answer.read().startswith(b"\xff\xd8")
        assert answer.getheader("Cache-Control") == "no-store"
    assert phone.ask("GET", "/picture/seen/nothing").status == 404


def test_the_cookie_is_for_this_page_over_tls_alone(page: Companion) -> None:
    cookie = Phone(page).pairs(page.code()).getheader("Set-Cookie") or ""
    name, *marks = (part.strip() for part in cookie.split(";"))
    assert name.startswith("__Host-lapel=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(marks)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Origin": ""}, {"X_Lapel_Page": "0" * 64}],
    ids=str,
)
def test_what_another_page_sends_is_not_taken(headers: dict[str, str], phone: Phone, watch: Watch) -> None:
    alert = watch.alerts()
    assert phone.answers(alert, **headers) == 403
    assert watch.journal.answers.said_of(alert) is None


def test_another_page_cannot_pair_either(page: Companion) -> None:
    form = urlencode({"code": page.code(), "name": "Officer 7"})
    answer = Phone(page).ask(
        "POST", "/pair", form, Origin="https://elsewhere.example", Content_Type="application/x-www-form-urlencoded"
    )
    assert (answer.status, answer.getheader("Set-Cookie")) == (403, None)


def test_another_name_for_the_address_is_not_served(phone: Phone) -> None:
    assert phone.ask("GET", "/", Host="elsewhere.example").status == 421


@pytest.mark.parametrize(
    "body", ["", "[]", "7", "{}", '{"alert": 1}', '{"alert": "x", "answer": "perhaps"}', "x" * 5000]
)
def test_nonsense_is_refused_and_the_next_is_heard(body: str, phone: Phone, watch: Watch) -> None:
    assert phone.ask("POST", "/answer", body).status in (400, 413)
    assert phone.answers(watch.alerts()) == 200


def test_an_answer_about_no_alert_is_told_to_whoever_gave_it(phone: Phone, watch: Watch) -> None:
    answer = phone.ask("POST", "/answer", json.dumps({"alert": "ab" * 16, "answer": "it is"}))
    assert answer.status == 502
    assert "no record of it" in json.loads(answer.read())["trouble"]


def test_the_page_may_load_and_send_to_nothing_but_itself(phone: Phone) -> None:
    answer = phone.ask("GET", "/")
    policy = answer.getheader("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.getheader("X-Frame-Options") == "DENY"
    text = answer.read().decode()
    assert "http://" not in text
    assert re.findall(r"(?:src|href)=\"([^\"]*)", text) == ["/page.css", "/page.js"]


def test_ten_wrong_codes_shut_the_door_once_on_record_until_a_new_code(page: Companion, watch: Watch) -> None:
    code, stranger = page.code(), Phone(page)
    before = len(watch.kept(RecordKind.PAIRING))
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    said = [stranger.pairs(wrong).read().decode() for _ in range(MOST_WRONG + 2)]
    assert "9 tries are left" in said[0]
    assert "have the device show a new one" in said[-1]
    assert "have the device show a new one" in stranger.pairs(code).read().decode()
    assert [each["outcome"] for each in watch.kept(RecordKind.PAIRING)[before:]] == ["shut after too many wrong codes"]
    assert stranger.pairs(page.code()).status == 303


def test_a_second_phone_ends_the_first_and_both_are_on_record(phone: Phone, page: Companion, watch: Watch) -> None:
    second = Phone(page)
    second.pairs(page.code(), "Officer 8")
    assert phone.ask("GET", "/events").status == 401
    assert second.answers(watch.alerts()) == 200
    assert watch.kept(RecordKind.PAIRING)[-1] == {"outcome": "paired", "by": "Officer 8"}


def test_a_phone_that_is_let_go_sees_nothing_more(phone: Phone, watch: Watch) -> None:
    assert phone.ask("POST", "/leave", "{}").status == 200
    assert phone.ask("GET", "/events").status == 401
    assert watch.kept(RecordKind.PAIRING)[-1] == {"outcome": "ended", "by": "Officer 7"}


def test_only_the_named_address_is_bound(page: Companion) -> None:
    with socket.socket() as channel, pytest.raises(OSError, match="refused"):
        channel.connect(("127.0.0.2", page.port))


def test_whoever_pairs_is_shown_the_fingerprint_of_the_certificate_that_is_served(page: Companion) -> None:
    served = ssl.get_server_certificate(("127.0.0.1", page.port))
    invited = invitation(page.folder / "page")
    assert invited.fingerprint == fingerprint(served.encode())
    assert invited.origin == page.origin


def test_key_and_phone_are_the_owners_alone(phone: Phone) -> None:
    for name in ("page.key", "phone.json", "companion.sock"):
        assert (phone.page.folder / "page" / name).stat().st_mode & 0o077 == 0


def test_those_who_connect_and_say_nothing_hold_nobody_else_up(phone: Phone, page: Companion) -> None:
    silent = [socket.create_connection(("127.0.0.1", page.port), 20, ("127.0.0.2", 0)) for _ in range(40)]
    context = ssl.create_default_context(cafile=str(page.folder / "page" / "page.pem"))
    half = [context.wrap_socket(each, server_hostname="127.0.0.1") for each in silent[:20]]
    try:
        assert phone.ask("GET", "/").status == 200
        assert [each.recv(1) for each in half[MOST_OF_ONE:]] == [b""] * (20 - MOST_OF_ONE)
    finally:
        for each in (*half, *silent[20:]):
            each.close()


def test_a_request_that_never_ends_is_cut_off_and_the_phone_is_served(phone: Phone, page: Companion) -> None:
    context = ssl.create_default_context(cafile=str(page.folder / "page" / "page.pem"))
    plain = socket.create_connection(("127.0.0.1", page.port), 20)
    with context.wrap_socket(plain, server_hostname="127.0.0.1") as line:
        assert not takes_endless_head(line)
    assert phone.ask("GET", "/").status == 200


def test_of_a_phone_that_has_gone_the_lookout_knows(
    phone: Phone, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel.wiring.officer_desk._AWAY_S", 1.0)
    stream = phone.ask("GET", "/events")
    watch.alerts()
    while b'"cards":[{' not in stream.readline():
        pass
    assert watch.desk.unseen() == 0
    stream.close()
    wait_until(lambda: watch.desk.unseen() == 1)


def test_a_second_companion_leaves_the_door_of_the_first_as_it_is(page: Companion) -> None:
    second = plan_of("127.0.0.1", page.port, page.folder / "officer.sock", page.folder / "page")
    with pytest.raises(StoreLocked, match="stop that companion first"):
        serve(second, lambda: pytest.fail("it serves"))
    assert page.code()


def test_a_restart_keeps_the_phone_and_the_certificate(tmp_path: Path) -> None:
    with watching(tmp_path), companion(tmp_path) as first:
        phone = Phone(first)
        assert phone.pairs(first.code()).status == 303
        shown = invitation(tmp_path / "page").fingerprint
    with companion(tmp_path) as second:
        phone.page = second
        assert secret_of(phone.ask("GET", "/").read().decode())
        assert invitation(tmp_path / "page").fingerprint == shown
        assert phone.answers("ab" * 16) == 502  # there is no lookout


def test_nobody_is_paired_of_whom_no_record_can_tell(tmp_path: Path) -> None:
    with companion(tmp_path) as page:
        phone = Phone(page)
        answer = phone.pairs(page.code())
        assert (answer.status, phone.cookie) == (502, "")
        assert "the lookout is not running" in answer.read().decode()
        assert not (tmp_path / "page" / "phone.json").exists()


class Visitor:
    """A connection's writer, as far as a door looks at it."""

    def __init__(self, address: str) -> None:
        self.address, self.transport = address, self

    def get_extra_info(self, name: str) -> tuple[str] | None:
        return (self.address,) if name == "peername" else None

    def close(self) -> None: ...

    def abort(self) -> None: ...


def test_whoever_has_left_takes_no_memory() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...

    async def visits(door: Door) -> None:
        for number in range(50):
            await door(cast(Any, None), cast(Any, Visitor(f"fe80::{number:x}")))

    door = Door(handle)
    asyncio.run(visits(door))
    assert not door._inside
