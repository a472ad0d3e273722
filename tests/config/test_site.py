"""A site file says where this device stands, and shares no table with a profile."""

from dataclasses import fields
from pathlib import Path

import pytest

from lapel.config.profile import Profile
from lapel.config.site import Site, load_site
from lapel.errors import ConfigError

DEVICE = '[device]\nsite = "harbour"\nname = "cam-7"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_profile_and_site_have_no_table_in_common() -> None:
    assert not {each.name for each in fields(Profile)} & {each.name for each in fields(Site)}


def test_a_site_needs_only_its_names(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, DEVICE))
    assert (site.device.site, site.device.name, site.broker.host) == ("harbour", "cam-7", "")


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, DEVICE + "[watchlist]\nfile = 'lists/harbour.lapel'\nkey_file = '/k'"))
    assert site.watchlist.file == tmp_path / "lists/harbour.lapel"
    assert site.watchlist.key_file == Path("/k")


def test_a_table_of_the_profile_is_refused_in_a_site(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="camera: unknown table"):
        load_site(written(tmp_path, DEVICE + "[camera]\nfps = 25"))


@pytest.mark.parametrize("name", ["a/b", "a+b", "#", "a b", "$SYS"])
def test_a_name_that_would_break_a_topic_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"device\.name: .*: goes into topics"):
        load_site(written(tmp_path, f'[device]\nsite = "harbour"\nname = "{name}"\n'))


def test_a_broker_without_a_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"broker\.ca_file: missing; a broker is reached with mutual TLS only"):
        load_site(written(tmp_path, DEVICE + "[broker]\nhost = 'station.example'"))


def test_two_ways_to_open_the_watchlist_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"watchlist\.passphrase_file: a key_file is given as well"):
        load_site(written(tmp_path, DEVICE + "[watchlist]\nkey_file = 'k'\npassphrase_file = 'p'"))


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "8.8.8.8", "224.0.0.1", "phone.example", "192.168.50.1/24"])
def test_the_officer_s_page_is_at_one_address_of_this_device_s_own(address: str, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(f'[device]\nsite = "a"\nname = "b"\n[companion]\naddress = "{address}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"companion\.address: "):
        load_site(path)


@pytest.mark.parametrize("address", ["192.168.50.1", "10.55.0.1", "127.0.0.1", "fd00::1", "169.254.3.1"])
def test_addresses_of_access_points_and_usb_are_taken(address: str, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(f'[device]\nsite = "a"\nname = "b"\n[companion]\naddress = "{address}"\n', encoding="utf-8")
    assert load_site(path).companion.address == address


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", r"state\.unlock: \"phone\": there is no page to unlock it on; give companion\.address"),
        ("[watchlist]\nkey_file = 'k'\n[companion]\naddress = '10.0.0.1'\n", r"watchlist\.key_file: lies on the card"),
        (
            "[watchlist]\npassphrase_file = 'p'\n[companion]\naddress = '10.0.0.1'\n",
            r"watchlist\.passphrase_file: lies",
        ),
    ],
    ids=["no page", "a key on the card", "a passphrase on the card"],
)
def test_what_the_phone_unlocks_has_a_page_and_no_key_on_the_card(more: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        load_site(written(tmp_path, DEVICE + '[state]\nunlock = "phone"\n' + more))


def test_a_device_that_its_phone_unlocks_says_so(tmp_path: Path) -> None:
    text = DEVICE + '[state]\nunlock = "phone"\n[companion]\naddress = "10.0.0.1"\n'
    assert load_site(written(tmp_path, text)).state.unlock == "phone"
    assert load_site(written(tmp_path, DEVICE)).state.unlock == "file"


def test_another_way_to_unlock_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"state\.unlock: 'phon': must be one of file, phone; did you mean phone"):
        load_site(written(tmp_path, DEVICE + '[state]\nunlock = "phon"\n'))
