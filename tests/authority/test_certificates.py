"""A site's certificate authority: devices are certified for keys that they made, and that nobody else has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_pem_x509_crl

from lapel.link.topics import BROKER, STATION
from lapel.store.link_key import LINK_KEY, make_link_key
from lapel_tools.broker.certificates import Authority, Pair, read_certificate
from lapel_tools.broker.revoking import revoke, revoked, serials_of
from lapel_tools.cli.main import main

PASSPHRASE = "what opens the authority"


class Bureau:
    """A folder of an authority with a certificate authority for trying, and devices that describe themselves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = Authority.at(folder / "certificates")

    def described(self, name: str, request_of: str | None = None) -> Path:
        state = self.folder / f"state of {name}"
        state.mkdir(exist_ok=True)
        request = make_link_key(state, request_of or name)
        return self.describe(name, request)

    def describe(self, name: str, request: str) -> Path:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps({"name": name, "group": "patrol", "sealing": "ab" * 32, "request": request}))
        return path

    def key_file(self, name: str) -> Path:
        return self.folder / f"state of {name}" / LINK_KEY

    def add(self, path: Path, *options: str) -> int:
        return main(["device", "add", "--dir", str(self.folder), str(path), *options])

    def revoke(self, name: str, *options: str) -> int:
        return main(["device", "revoke", "--dir", str(self.folder), name, *options])

    def listed(self, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
        capsys.readouterr()
        assert main(["device", "list", "--dir", str(self.folder), "--json"]) == 0
        return {each["name"]: each["certificate"] for each in json.loads(capsys.readouterr().out)}


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path)


def test_a_device_is_certified_for_the_key_that_it_made(bureau: Bureau) -> None:
    assert bureau.add(bureau.described("cam-7")) == 0
    own = serialization.load_pem_private_key(bureau.key_file("cam-7").read_bytes(), None)
    certificate = read_certificate(bureau.site.issued("cam-7"))
    assert certificate.public_key() == own.public_key()
    assert certificate.subject.rfc4514_string() == "CN=cam-7"
    certificate.verify_directly_issued_by(read_certificate(bureau.site.certificate))


def test_the_private_key_is_its_owners_alone_and_in_no_description(bureau: Bureau) -> None:
    path = bureau.described("cam-7")
    assert bureau.key_file("cam-7").stat().st_mode & 0o777 == 0o600
    secret = bureau.key_file("cam-7").read_text().splitlines()[1]
    assert secret not in path.read_text()
    assert "PRIVATE" not in path.read_text()


@pytest.mark.parametrize(
    ("request_of", "spoil", "said"),
    [
        ("cam-8", "", "is for cam-8"),
        (None, "garbage", "is none"),
        (None, "flip", "was not signed by its own key"),
    ],
)
def test_a_request_that_is_not_the_devices_own_lists_and_certifies_nothing(
    bureau: Bureau, capsys: pytest.CaptureFixture[str], request_of: str | None, spoil: str, said: str
) -> None:
    path = bureau.described("cam-7", request_of)
    if spoil == "garbage":
        bureau.describe("cam-7", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")
    if spoil == "flip":
        lines = json.loads(path.read_text())["request"].splitlines()
        last = lines[-2]
        lines[-2] = last[:4] + ("A" if last[4] != "A" else "B") + last[5:]
        bureau.describe("cam-7", "\n".join(lines))
    assert bureau.add(path) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not bureau.site.issued("cam-7").exists()
    assert bureau.listed(capsys) == {}


@pytest.mark.parametrize("name", ["broker", "station", "administrator", "ca", "crl"])
def test_no_device_is_called_as_a_server_or_as_a_file_of_the_authority(bureau: Bureau, name: str) -> None:
    before = {path: path.read_bytes() for path in bureau.site.folder.iterdir()}
    assert bureau.add(bureau.described(name)) in (2, 3)
    assert {path: path.read_bytes() for path in bureau.site.folder.iterdir()} == before


def test_renewing_keeps_the_former_certificate_good_until_both_are_revoked(bureau: Bureau) -> None:
    path = bureau.described("cam-7")
    assert [bureau.add(path), bureau.add(path, "--replace")] == [0, 0]
    both = serials_of(bureau.site, "cam-7")
    assert len(both) == 2
    assert not revoked(bureau.site) & both
    assert bureau.revoke("cam-7") == 0
    assert revoked(bureau.site) == both


def test_a_new_key_revokes_the_certificate_of_the_old_one(bureau: Bureau) -> None:
    bureau.add(bureau.described("cam-7"))
    old = serials_of(bureau.site, "cam-7")
    assert bureau.add(bureau.described("cam-7"), "--replace") == 0
    assert revoked(bureau.site) == old


def test_revoking_one_device_leaves_the_others(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cam-7", "cam-8", "cam-7.b"):
        bureau.add(bureau.described(name))
    assert bureau.revoke("cam-7") == 0
    assert revoked(bureau.site) == serials_of(bureau.site, "cam-7")
    assert set(bureau.listed(capsys)) == {"cam-7.b", "cam-8"}


@pytest.mark.parametrize(
    "options",
    [
        ("--broker", "station.example:http"),
        ("--reload", "systemctl reload mosquitto"),
        ("--broker", "station.example", "--reload", " "),
    ],
)
def test_a_revocation_that_is_asked_for_wrongly_revokes_nothing(
    bureau: Bureau, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    bureau.add(bureau.described("cam-7"))
    assert bureau.revoke("cam-7", *options) == 2
    assert options[-2] in capsys.readouterr().err
    assert revoked(bureau.site) == frozenset()
    assert set(bureau.listed(capsys)) == {"cam-7"}


def test_each_list_of_revoked_certificates_is_later_than_the_last_and_not_ahead_of_the_clock(bureau: Bureau) -> None:
    times = []
    for serial in range(1, 4):
        revoke(bureau.site, [serial])
        times.append(load_pem_x509_crl(bureau.site.crl.read_bytes()).last_update_utc)
    assert times == sorted(set(times))
    assert times[-1] < datetime.now(UTC)
    assert revoked(bureau.site) == {1, 2, 3}


def test_a_list_of_revoked_certificates_that_another_signed_is_refused(bureau: Bureau, tmp_path: Path) -> None:
    bureau.add(bureau.described("cam-7"))
    other = Authority.at(tmp_path / "other")
    revoke(other)
    bureau.site.crl.write_bytes(other.crl.read_bytes())
    assert bureau.revoke("cam-7") == 2


def test_without_a_certificate_authority_a_device_is_only_listed(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "with")
    assert main(["device", "add", "--dir", str(tmp_path), str(bureau.described("cam-7"))]) == 0
    assert not (tmp_path / "certificates").exists()


def test_the_key_of_an_authority_for_use_is_sealed_and_signs_only_with_its_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAPEL_PASSPHRASE", PASSPHRASE)
    certificates = ["authority", "certificates", "--dir", str(tmp_path)]
    assert main(certificates) == 0
    assert main(certificates) == 3  # a second one would void all that the first issued
    folder = tmp_path / "certificates"
    assert b"PRIVATE" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert main([*certificates, "--issue", BROKER]) == 2
    assert "--host: missing" in capsys.readouterr().err
    assert main([*certificates, "--issue", BROKER, "--host", "station.example", "--host", "10.0.0.1"]) == 0
    monkeypatch.setenv("LAPEL_PASSPHRASE", "not what opens it")
    assert main([*certificates, "--issue", STATION]) == 5
    assert not Authority(folder).issued(STATION).exists()
    pair = Pair(Authority(folder).issued(BROKER), folder / "broker.key")
    assert pair.key.stat().st_mode & 0o777 == 0o600
