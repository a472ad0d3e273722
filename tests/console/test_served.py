"""The console as it is served, looked at by a real browser."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from browser import Browser, Tab, axe, needs_browser, opened
from console_rig import HOSTILE, NAME, PASSWORD, fleet_records
from endless_head import takes_endless_head
from lapel_tools.broker.certificates import Authority
from lapel_tools.cli.main import main

LONGEST_WAIT_S = 60.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station's file, and an account that the command made."""
    made = tmp_path_factory.mktemp("console")
    fleet_records(made / "station.db")
    (made / "password").write_text(PASSWORD + "\n")
    (made / "password").chmod(0o600)
    account = ["console", "account", NAME, "--accounts", str(made / "accounts.json")]
    assert main([*account, "--password-file", str(made / "password")]) == 0
    return made


def serving(folder: Path, *options: str) -> list[str]:
    files = ("--db", str(folder / "station.db"), "--accounts", str(folder / "accounts.json"))
    return ["console", "serve", *files, "--listen", "127.0.0.1:0", *options]


@contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """The command as a process of its own; its address."""
    command = [sys.executable, "-m", "lapel_tools.cli.main", *serving(folder, *options)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[0]
    finally:
        process.terminate()
        _, err = process.communicate(timeout=LONGEST_WAIT_S)
        assert (process.returncode, err) == (0, "")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where the console is served, without TLS."""
    with served(folder) as found:
        yield found


@pytest.fixture(scope="module")
def secured(folder: Path) -> Iterator[str]:
    """Where it is served with TLS."""
    pair = Authority.at(folder / "ca").issue("console")
    with served(folder, "--cert", str(pair.certificate), "--key", str(pair.key)) as found:
        assert found.startswith("https://")
        yield found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def phone(browser: Browser, secured: str) -> Tab:
    """A phone at the console's door."""
    tab = browser.phone()
    tab.open(secured)
    return tab


def log_in(tab: Tab, password: str = PASSWORD) -> None:
    tab.type("#name", NAME)
    tab.type("#password", password)
    tab.tap("main button")


def is_at(path: str) -> str:
    return f"location.pathname === '{path}' && document.readyState === 'complete'"


@needs_browser
def test_a_browser_logs_in_looks_around_and_logs_out(phone: Tab, secured: str) -> None:
    phone.open(f"{secured}audit")
    phone.until(is_at("/login"))
    assert "cam-1" not in phone.text()
    log_in(phone)
    phone.until(is_at("/"))
    assert "cam-1" in phone.text()
    phone.tap('nav a[href="/alerts"]')
    phone.until(is_at("/alerts"))
    assert HOSTILE in phone.text()
    assert phone.value("[document.images.length, document.images[0].naturalWidth]") == [1, 320]
    assert phone.value("document.title") == "Alerts · Lapel"
    phone.tap('nav a[href="/audit"]')
    phone.until(is_at("/audit"))
    assert "a fork" in phone.text()
    assert phone.value("document.cookie") == ""
    phone.tap("nav button")
    phone.until(is_at("/login"))
    phone.open(f"{secured}alerts")
    phone.until(is_at("/login"))


@needs_browser
def test_a_wrong_password_is_told_on_the_page(phone: Tab) -> None:
    log_in(phone, "a wrong password")
    phone.until("document.body.innerText.includes('Wrong name or password.')")
    assert "cam-1" not in phone.text()
    log_in(phone)
    phone.until(is_at("/"))
    assert "cam-1" in phone.text()


@needs_browser
@pytest.mark.parametrize("is_night", [False, True])
def test_every_page_fits_a_phone_and_passes_axe(phone: Tab, secured: str, is_night: bool) -> None:
    phone.by_night(is_night)
    assert _wrong(phone) == []
    log_in(phone)
    phone.until(is_at("/"))
    for path in ("", "alerts", "audit"):
        phone.open(secured + path)
        assert phone.value("document.documentElement.scrollWidth <= innerWidth")
        assert _wrong(phone) == []


def _wrong(tab: Tab) -> list[str]:
    """What axe-core finds wrong with a page, in light of WCAG 2.2 AA."""
    tab.value(axe() + ";undefined")
    found = tab.value("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then(r => r.violations)")
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def test_tls_before_1_3_is_not_spoken(folder: Path, secured: str) -> None:
    host, port = secured.removeprefix("https://").rstrip("/").split(":")
    context = ssl.create_default_context(cafile=str(folder / "ca" / "ca.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host, int(port))) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname=host)


@pytest.mark.parametrize(
    "data", [b"\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"POST /login HTTP/1.0\r\nContent-Length: 99999999\r\n\r\n"]
)
def test_a_request_that_is_none_gets_nothing_and_harms_nobody(address: str, data: bytes) -> None:
    answer_to(address, data)
    assert_is_served(address)


def test_a_request_that_never_ends_is_cut_off_and_the_next_is_answered(address: str) -> None:
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), LONGEST_WAIT_S) as line:
        assert not takes_endless_head(line)
    assert_is_served(address)


def answer_to(address: str, data: bytes) -> bytes:
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), LONGEST_WAIT_S) as line:
        line.sendall(data)
        return b"".join(iter(lambda: line.recv(65536), b""))


def assert_is_served(address: str) -> None:
    answer = answer_to(address, b"GET /login HTTP/1.0\r\nHost: %s\r\n\r\n" % address[7:-1].encode())
    assert b"200 OK" in answer
    assert b"Log in" in answer


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--listen", "0.0.0.0:0"), 3, "only with TLS"),
        (("--listen", "localhost"), 2, "not HOST:PORT"),
        (("--listen", "127.0.0.1:99999"), 2, "not HOST:PORT"),
        (("--db", "none.db"), 2, "no such file"),
        (("--accounts", "none.json"), 2, "holds no account"),
        (("--cert", "none.pem"), 2, "give both"),
        (("--cert", "none.pem", "--key", "none.key"), 3, "cannot be used"),
        (("--silent-hours", "0"), 2, "give more than 0"),
        (("--dir", "none"), 2, "no such folder"),
    ],
)
def test_bad_input_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: int, said: str
) -> None:
    assert main(serving(folder, *options)) == code
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_password_file_that_is_not_there_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "accounts.json").read_bytes()
    assert (
        main(["console", "account", "bob", "--accounts", str(folder / "accounts.json"), "--password-file", "no"]) == 2
    )
    assert "--password-file no: no such file" in capsys.readouterr().err
    assert (folder / "accounts.json").read_bytes() == before
