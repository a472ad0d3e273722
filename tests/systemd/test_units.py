"""The units say what they must, and systemd understands all of it."""

import re
import shlex
import shutil
import subprocess
from argparse import Namespace
from pathlib import Path

import pytest

from lapel.cli.main import LAPEL, LOCKED, parser_of
from lapel.health.beat import LOADING_S
from lapel_tools.cli.main import LAPEL_ADMIN

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
PACKAGING = ROOT / "tools" / "packaging"
STATION, CONSOLE = "lapel-station.service", "lapel-console.service"
ON_DEVICES = sorted(path.name for path in UNITS.glob("*.service"))
SERVICES = [*ON_DEVICES, STATION, CONSOLE]
# systemd's own measure, in tenths: 96 for a bare unit, 10 and 14 measured for these.
WORST_EXPOSURE = 20
MIB = 2**20
ZERO_2_W = 512 * MIB

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze: apt-get install systemd"
)


def settings(name: str) -> dict[str, list[str]]:
    """Values of a unit by key; a key may stand more than once."""
    found: dict[str, list[str]] = {}
    folder = PACKAGING if name in (STATION, CONSOLE) else UNITS
    for line in (folder / name).read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with a program that exists on every machine in the place of Lapel."""
    for unit in (*UNITS.iterdir(), PACKAGING / STATION, PACKAGING / CONSOLE, *PACKAGING.glob("debian/*.service")):
        text = unit.read_text(encoding="utf-8")
        text = re.sub("/opt/lapel/bin/lapel(-admin)? |/usr/lib/lapel/put-back", "/bin/true ", text)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    return tmp_path


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_units(units: Path) -> None:
    done = analyze("verify", *sorted(units.iterdir()))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
def test_systemd_would_speak_up_about_a_misspelt_key(units: Path) -> None:
    unit = units / "lapel-lookout.service"
    unit.write_text(unit.read_text(encoding="utf-8").replace("PrivateNetwork", "PrivateNetwrok"), encoding="utf-8")
    assert "PrivateNetwrok" in analyze("verify", unit).stderr


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardly_exposed(units: Path, name: str) -> None:
    done = analyze("security", "--offline=true", f"--threshold={WORST_EXPOSURE}", units / name)
    assert done.returncode == 0, done.stdout


def test_the_lookout_has_no_network() -> None:
    lookout = settings("lapel-lookout.service")
    assert lookout["PrivateNetwork"] == ["yes"]
    assert not {"AF_INET", "AF_INET6"} & set(lookout["RestrictAddressFamilies"][0].split())


def test_the_lookout_over_a_network_camera_is_the_lookout_but_for_the_way_to_that_camera() -> None:
    lookout, rtsp = settings("lapel-lookout.service"), settings("lapel-lookout-rtsp.service")
    differing = {key for key in {*lookout, *rtsp} if lookout.get(key) != rtsp.get(key)}
    network = {"PrivateNetwork", "RestrictAddressFamilies", "SocketBindDeny"}
    assert differing - network == {"Description", "Conflicts", "After", "DeviceAllow", "SupplementaryGroups"}
    assert rtsp["Conflicts"] == ["lapel-lookout.service"]
    assert rtsp["DeviceAllow"] == ["char-gpiochip rw", "/dev/vcio rw"]


def test_a_lookout_over_a_network_camera_reaches_nothing_until_its_address_is_given() -> None:
    rtsp = settings("lapel-lookout-rtsp.service")
    assert (rtsp["IPAddressDeny"], rtsp["SocketBindDeny"]) == (["any"], ["any"])
    assert "IPAddressAllow" not in rtsp


def test_the_gps_relay_reaches_this_device_alone_and_is_a_user_of_its_own() -> None:
    gps, lookout = settings("lapel-gps.service"), settings("lapel-lookout.service")
    assert (gps["IPAddressDeny"], gps["IPAddressAllow"]) == (["any"], ["localhost"])
    assert (gps["PrivateDevices"], gps["DevicePolicy"]) == (["yes"], ["closed"])
    assert gps["User"] != lookout["User"]
    assert gps["Group"] == lookout["Group"]


@pytest.mark.parametrize("name", ["lapel-lookout-rtsp.service", "lapel-gps.service", "lapel-companion.service"])
def test_what_not_every_device_has_comes_with_the_target_once_it_is_enabled(name: str) -> None:
    assert settings(name)["WantedBy"] == ["lapel.target"]
    assert name not in settings("lapel.target")["Wants"][0].split()


def test_the_lookout_is_never_dumped_and_may_lock_its_memory() -> None:
    lookout = settings("lapel-lookout.service")
    assert (lookout["LimitCORE"], lookout["LimitMEMLOCK"]) == (["0"], ["infinity"])


@pytest.mark.parametrize("name", ON_DEVICES)
def test_what_runs_away_is_ended_before_it_takes_the_machine(name: str) -> None:
    found = settings(name)
    assert {"MemoryMax", "TasksMax", "LimitNOFILE"} <= set(found)
    assert found["LimitNOFILE"][0].isdecimal()


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        ("lapel-lookout.service", 358_000_000),
        ("lapel-lookout-rtsp.service", 358_000_000),
        ("lapel-link.service", 235 * MIB),
    ],
)
def test_a_limit_leaves_the_smallest_board_room_for_a_list_of_300_000(name: str, measured: int) -> None:
    share = int(settings(name)["MemoryMax"][0].removesuffix("%")) / 100
    assert measured < share * ZERO_2_W


def test_whoever_runs_another_libcamera_is_told_beside_the_setting_what_it_needs() -> None:
    unit = (UNITS / "lapel-lookout.service").read_text(encoding="utf-8")
    above = unit.split("\nRestrictNamespaces=yes")[0].splitlines()[-1]
    assert above.startswith("# ")
    assert "RestrictNamespaces=user net" in above


def test_the_lookouts_thread_that_builds_lists_may_give_way_to_the_frames() -> None:
    first, forbidden, allowed = settings("lapel-lookout.service")["SystemCallFilter"]
    assert (first, forbidden, allowed) == ("@system-service", "~@privileged @resources", "setpriority")


def test_the_link_has_no_devices() -> None:
    link = settings("lapel-link.service")
    assert link["PrivateDevices"] == ["yes"]
    assert "DeviceAllow" not in link


def test_the_companion_is_a_user_of_its_own_that_sees_no_file_of_the_lookout() -> None:
    companion, lookout = settings("lapel-companion.service"), settings("lapel-lookout.service")
    assert companion["User"] != lookout["User"]
    assert companion["InaccessiblePaths"] == ["-/var/lib/lapel"]
    assert companion["IPAddressDeny"] == ["any"]
    assert lookout["RuntimeDirectoryMode"] == ["0750"]


@pytest.mark.parametrize("name", ["lapel-lookout.service", "lapel-lookout-rtsp.service"])
def test_a_lookout_that_hangs_is_started_again(name: str) -> None:
    lookout = settings(name)
    assert lookout["Type"] == ["notify"]
    assert int(lookout["WatchdogSec"][0]) > 0
    assert lookout["Restart"] == ["on-failure"]


def test_a_camera_that_is_missing_for_long_is_still_looked_for() -> None:
    assert settings("lapel-lookout.service")["StartLimitIntervalSec"] == ["0"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_somebody_must_act_on_is_not_tried_again(name: str) -> None:
    assert settings(name)["RestartPreventExitStatus"] == ["2 3 5"]


@pytest.mark.parametrize("name", ["lapel-lookout.service", "lapel-lookout-rtsp.service", "lapel-link.service"])
def test_what_ends_since_the_device_was_locked_is_no_failure_and_is_started_again(name: str) -> None:
    assert str(LOCKED) in settings(name)["SuccessExitStatus"][0].split()
    assert settings(name)["RestartForceExitStatus"] == [str(LOCKED)]


def test_an_unlocked_lookout_has_the_time_of_a_start_for_its_first_frame() -> None:
    assert settings("lapel-lookout.service")["TimeoutStartSec"] == [str(LOADING_S)]


@pytest.mark.parametrize("name", ON_DEVICES)
def test_a_service_starts_a_command_with_options_that_it_has(name: str) -> None:
    _, command, *options = shlex.split(settings(name)["ExecStart"][0])
    args = parser_of(LAPEL, command).parse_args(options)
    assert args.site == Path("/etc/lapel/site.toml")


@needs_systemd
@pytest.mark.parametrize("drop_in", sorted((PACKAGING / "tpm").iterdir()), ids=lambda path: path.name)
def test_with_a_passphrase_from_a_tpm_a_service_starts_as_without_but_for_where_that_comes_from(
    drop_in: Path, units: Path
) -> None:
    name = drop_in.name.removesuffix(".d")
    text = (drop_in / "passphrase.conf").read_text(encoding="utf-8")
    *_, command = re.findall("^ExecStart=(.*)$", text, re.MULTILINE)
    assert command == f"{settings(name)['ExecStart'][0]} --passphrase-file %d/passphrase"
    _, subcommand, *options = shlex.split(command.replace("%d", "/run/credentials"))
    assert parser_of(LAPEL, subcommand).parse_args(options).passphrase_file == Path("/run/credentials/passphrase")
    (units / drop_in.name).mkdir()
    (units / drop_in.name / "passphrase.conf").write_text(text.replace("/opt/lapel/bin/lapel", "/bin/true"), "utf-8")
    done = analyze("verify", units / name)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_service_that_opens_the_state_can_have_its_passphrase_from_a_tpm() -> None:
    opening = {name for name in ON_DEVICES if "lapel" in settings(name).get("StateDirectory", [])}
    assert {path.name.removesuffix(".d") for path in (PACKAGING / "tpm").iterdir()} == opening


def started(unit: str, settings_file: str) -> Namespace:
    """What a unit's command understands of it with its settings, each of which it uses."""
    lines = (PACKAGING / settings_file).read_text(encoding="utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    start = re.sub(r"\$\{?(\w+)\}?", lambda found: said.pop(found[1]), settings(unit)["ExecStart"][0])
    assert said == {}
    _, command, *options = shlex.split(start)
    return parser_of(LAPEL_ADMIN, command).parse_args(options)


def test_the_station_is_started_with_what_its_settings_say() -> None:
    args = started(STATION, "station.env")
    assert (args.db, args.site_name, args.metrics) == ("/var/lib/lapel-station/station.db", "harbour", "9464")


def test_the_console_shows_what_the_station_keeps_as_the_same_user() -> None:
    args = started(CONSOLE, "console.env")
    assert (args.db, args.listen) == (started(STATION, "station.env").db, "127.0.0.1:8700")
    assert settings(CONSOLE)["User"] == settings(STATION)["User"]
