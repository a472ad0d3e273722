"""The Debian package: what it places, what its scripts do, and that a purge leaves nothing."""

import hashlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lapel.cli.provision import FOLDER, MARK, SETTINGS
from lapel.cli.update import SHELF
from lapel.config.loader import load
from lapel.config.profile import load_profile, shipped_profiles
from lapel.core.software import APPLYING
from lapel.infer.tflite import Runtime
from lapel.wiring.dpkg import SCRIPT, UNITS
from lapel.wiring.provisioning import SEED, Seed

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "tools" / "packaging"
FILES = PACKAGING / "debian"
PI_GEN = PACKAGING / "pi-gen"
SCRIPTS = ("postinst", "prerm", "postrm", "put-back")
OPTIONS = re.compile(r"^(StateDirectory|ConfigurationDirectory|CacheDirectory|LogsDirectory)=(.*)$", re.MULTILINE)
PLACE = {
    "StateDirectory": "/var/lib",
    "ConfigurationDirectory": "/etc",
    "CacheDirectory": "/var/cache",
    "LogsDirectory": "/var/log",
}


def text(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_of_the_package_is_one_to_the_shell(name: str) -> None:
    done = subprocess.run(["sh", "-n", FILES / name], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_folder_that_a_unit_makes_is_gone_after_a_purge() -> None:
    units = sorted((ROOT / "systemd").glob("*.service"))
    made = {f"{PLACE[kind]}/{name}" for unit in units for kind, name in OPTIONS.findall(unit.read_text("utf-8"))}
    made |= {line.split()[1] for line in text("tmpfiles.conf").splitlines()}
    assert made >= {"/var/lib/lapel", "/etc/lapel"}
    removed = set(next(line for line in text("postrm").splitlines() if " rm -rf /var" in line).split()[2:])
    assert made <= removed


def test_every_user_of_a_unit_is_made_and_goes_with_a_purge() -> None:
    units = sorted((ROOT / "systemd").glob("*.service"))
    # systemd makes the others itself, for as long as they run.
    texts = [unit.read_text("utf-8") for unit in units]
    users = {
        name for said in texts for name in re.findall(r"^User=(.*)$", said, re.MULTILINE) if "DynamicUser" not in said
    }
    made = {line.split()[1] for line in text("sysusers.conf").splitlines() if line.startswith("u ")}
    assert users <= made
    assert {name for name in made if f"userdel {name}" not in text("postrm")} == set()


def test_the_units_of_the_package_are_the_ones_that_an_update_looks_after() -> None:
    assert {f"{name}.service" for name in UNITS} == {path.name for path in (ROOT / "systemd").glob("*.service")}


@dataclass(frozen=True)
class Rooted:
    """The package's scripts in a root of their own; what would change accounts is written down instead."""

    root: Path
    programs: Path

    def run(self, name: str, *arguments: str) -> list[str]:
        script = re.sub(r"(?<=[ =>])/(?=etc/|opt/|run/|usr/lib/|var/|\s)", f"{self.root}/", text(name))
        done = self.root / "done"
        done.write_text("", encoding="utf-8")
        environment = {"PATH": f"{self.programs}:/usr/bin:/bin", "DONE": str(done)}
        subprocess.run(["sh", "-c", script, name, *arguments], env=environment, timeout=60, check=True)
        lines = done.read_text(encoding="utf-8").splitlines()
        done.unlink()
        return lines

    def systemctl(self, *arguments: str) -> None:
        subprocess.run(["systemctl", f"--root={self.root}", "--quiet", *arguments], timeout=60, check=True)

    def made_by_hand(self) -> list[str]:
        units = self.root / "etc/systemd/system"
        return sorted(str(path.relative_to(units)) for path in units.rglob("*"))


@pytest.fixture
def rooted(tmp_path: Path) -> Rooted:
    root, programs = tmp_path / "root", tmp_path / "programs"
    for folder in ("etc/systemd/system", "etc/lapel", "opt/lapel", "usr/lib/systemd/system"):
        (root / folder).mkdir(parents=True)
    programs.mkdir()
    for unit in (*(ROOT / "systemd").iterdir(), *FILES.glob("*.service"), PACKAGING / "lapel-station.service"):
        shutil.copy(unit, root / "usr/lib/systemd/system")
    for name in ("userdel", "groupdel", "systemd-sysusers", "systemd-tmpfiles"):
        write_program(programs / name, f'echo {name} "$@" >>"$DONE"')
    write_program(programs / "getent", "exit 2")
    return Rooted(root, programs)


def write_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.skipif(shutil.which("systemctl") is None, reason="systemctl: apt-get install systemd")
def test_nothing_that_was_enabled_masked_or_edited_is_left_after_a_purge_and_a_stations_unit_is(rooted: Rooted) -> None:
    rooted.systemctl("enable", "lapel.target", "lapel-companion", "lapel-gps", "lapel-lookout-rtsp", "lapel-station")
    rooted.systemctl("mask", "lapel-lookout")
    drop_in = rooted.root / "etc/systemd/system/lapel-lookout-rtsp.service.d/override.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nIPAddressAllow=192.168.60.20\n", encoding="utf-8")
    assert "lapel.target.wants/lapel-gps.service" in rooted.made_by_hand()
    rooted.run("prerm", "remove")
    enabled = [name for name in rooted.made_by_hand() if ".wants/" in name]
    assert enabled == ["multi-user.target.wants/lapel-station.service"]
    rooted.run("postrm", "remove")
    assert drop_in.exists()  # to be installed again as it was
    rooted.run("postrm", "purge")
    assert rooted.made_by_hand() == ["multi-user.target.wants", "multi-user.target.wants/lapel-station.service"]


def test_a_purge_takes_links_that_only_it_finds(rooted: Rooted) -> None:
    wants = rooted.root / "etc/systemd/system/lapel.target.wants"
    wants.mkdir()
    for unit in (*(ROOT / "systemd").iterdir(), *FILES.glob("*.service")):
        (wants / unit.name).symlink_to(f"/usr/lib/systemd/system/{unit.name}")
    rooted.run("postrm", "purge")
    assert rooted.made_by_hand() == []


def test_an_update_by_hand_goes_on_with_units_of_the_package_that_run_and_touches_no_others(rooted: Rooted) -> None:
    write_program(rooted.programs / "systemctl", 'echo systemctl "$@" >>"$DONE"')
    (rooted.root / "run/systemd/system").mkdir(parents=True)
    done = rooted.run("postinst", "configure", "0.1.0")
    (restarted,) = (line.split()[2:] for line in done if line.startswith("systemctl try-restart "))
    assert sorted(restarted) == sorted(f"{name}.service" for name in UNITS)


@pytest.mark.parametrize(
    ("before", "at_purge", "is_taken"), [(None, "", True), ("", "", False), (None, "pi", False), (None, None, False)]
)
def test_the_group_of_the_pins_goes_where_it_came_with_the_package_and_nobody_else_is_in_it(
    rooted: Rooted, before: str | None, at_purge: str | None, is_taken: bool
) -> None:
    def getent(members: str | None) -> None:
        gpio = "exit 2" if members is None else f"echo gpio:x:997:{members}"
        write_program(rooted.programs / "getent", f'case "$2" in lapel) ;; *) {gpio} ;; esac')

    getent(before)
    assert "systemd-sysusers" in " ".join(rooted.run("postinst", "configure", "1.0"))
    getent(at_purge)
    assert ("groupdel gpio" in rooted.run("postrm", "purge")) == is_taken


def test_what_updates_keep_is_gone_after_a_purge() -> None:
    assert f" {SHELF} " in next(line for line in text("postrm").splitlines() if " rm -rf /var" in line)


def test_a_start_takes_back_what_was_cut_off_before_anything_of_lapel_runs() -> None:
    unit = text("lapel-put-back.service")
    assert {"DefaultDependencies=no", "Before=basic.target shutdown.target"} <= set(unit.splitlines())
    assert "/basic.target.wants/" in (ROOT / "tools" / "build-deb").read_text(encoding="utf-8")
    assert f"ExecStart={SCRIPT}\n" in unit
    assert f"ConditionPathExists={SHELF / APPLYING}\n" in unit
    assert f"folder=${{1:-{SHELF}}}" in text("put-back")


def test_a_device_is_set_up_before_anything_of_lapel_runs_and_once() -> None:
    unit = text("lapel-provision.service").splitlines()
    assert {"DefaultDependencies=no", "Before=basic.target shutdown.target"} <= set(unit)
    assert f"ConditionPathExists=!{SETTINGS / MARK}" in unit
    assert f"ConditionPathExists={FOLDER / SEED}" in unit
    assert load(FILES / "provision.toml", Seed).device.profile in shipped_profiles()


def test_the_key_goes_before_what_it_opens() -> None:
    script = text("postrm")
    assert script.index("rm -f /var/lib/lapel/device.key") < script.index("rm -rf")


def test_the_image_is_called_unbuilt_and_its_scripts_are_ones_to_the_shell() -> None:
    for name in ("config", "README.md"):
        assert "unbuilt" in (PI_GEN / name).read_text(encoding="utf-8").lower()
    for script in PI_GEN.rglob("*.sh"):
        assert script.stat().st_mode & 0o111
        done = subprocess.run(["bash", "-n", script], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_image_adds_the_units_limits_of_memory_to_the_one_line_that_starts_its_kernel(tmp_path: Path) -> None:
    line = "console=tty1 root=ROOTDEV rootfstype=ext4 fsck.repair=yes rootwait"
    (tmp_path / "boot/firmware").mkdir(parents=True)
    (tmp_path / "boot/firmware/cmdline.txt").write_text(f"{line}\n", encoding="ascii")
    script = (PI_GEN / "stage-lapel/00-lapel/00-run.sh").read_text(encoding="utf-8")
    (added,) = re.findall("^sed .*cmdline.*$", script, re.MULTILINE)
    subprocess.run(["bash", "-ec", added], env={"PATH": "/usr/bin:/bin", "ROOTFS_DIR": str(tmp_path)}, check=True)
    assert (tmp_path / "boot/firmware/cmdline.txt").read_text("ascii") == f"{line} cgroup_enable=memory\n"


def test_an_unknown_architecture_is_named_before_anything_is_fetched() -> None:
    done = subprocess.run(
        [ROOT / "tools" / "build-deb", "--arch", "riscv64"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "build-deb: --arch riscv64: unknown architecture; arm64 or amd64\n"


def test_an_unknown_runtime_is_named_before_anything_is_fetched_and_each_known_one_has_its_lock() -> None:
    done = subprocess.run(
        [ROOT / "tools" / "build-deb", "--runtime", "tflite"], capture_output=True, text=True, timeout=60, check=False
    )
    known = " or ".join(each.value for each in Runtime)
    assert (done.returncode, done.stderr) == (2, f"build-deb: --runtime tflite: unknown runtime; {known}\n")
    script = (ROOT / "tools" / "build-deb").read_text(encoding="utf-8")
    locks = dict(re.findall(r"^ +([a-z-]+)\) wheels=(\S+) ", script, re.MULTILINE))
    assert set(locks) == {each.value for each in Runtime}
    assert all(f"\n{runtime}==" in f"\n{(ROOT / lock).read_text('utf-8')}" for runtime, lock in locks.items())


@pytest.mark.parametrize("runtime", list(Runtime))
def test_the_profiles_of_a_package_name_the_runtime_that_is_in_it(runtime: Runtime, tmp_path: Path) -> None:
    script = (ROOT / "tools" / "build-deb").read_text(encoding="utf-8")
    lines = re.findall(r"^    (?:local profiles=|\[ -z .*sed ).*$", script, re.MULTILINE)
    suffix = dict(re.findall(r"^ +([a-z-]+)\) wheels=\S+ suffix=(\S*) ;;", script, re.MULTILINE))[runtime.value]
    for folder in ("usr/share/lapel/profiles", "site/lapel/profiles"):
        shutil.copytree(ROOT / "hardware-profiles", tmp_path / folder)
    known = f"tree={tmp_path} site={tmp_path / 'site'} suffix={suffix} runtime={runtime.value}"
    subprocess.run(["bash", "-ec", "\n".join([known, "place() {", *lines, "}", "place"])], timeout=60, check=True)
    profiles = [load_profile(str(path)) for path in tmp_path.rglob("*.toml") if path.stem != "pi-4-edgetpu"]
    assert len(profiles) == 2 * (len(shipped_profiles()) - 1)
    assert {profile.models.runtime for profile in profiles} == {runtime.value}


def test_what_makes_the_bench_its_environment_changes_nothing_of_the_package() -> None:
    ours, sourced = (
        set(re.findall(r"\b([a-z_]+)=", (ROOT / "tools" / name).read_text(encoding="utf-8")))
        for name in ("build-deb", "environment")
    )
    assert {"wheels", "arch"} <= ours
    assert {"venv", "lock"} <= sourced
    assert ours & sourced == set()


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb: apt-get install dpkg")
def test_a_package_is_the_same_twice_and_its_program_answers(tmp_path: Path) -> None:
    packages = []
    for out in ("first", "second"):
        done = subprocess.run(
            [ROOT / "tools" / "build-deb", "--arch", "amd64", "--out", tmp_path / out],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        packages.append(ROOT / done.stdout.strip())
    first, second = (hashlib.sha256(package.read_bytes()).hexdigest() for package in packages)
    assert first == second
    subprocess.run(["dpkg-deb", "-x", packages[0], tmp_path / "root"], timeout=300, check=True)
    site = tmp_path / "root/opt/lapel/lib/python3.11/site-packages"
    # The package's own libraries alone: -S leaves out those of the environment that runs this test.
    command = (
        f"import sys; sys.path.insert(0, {str(site)!r}); from lapel.cli.main import main; sys.exit(main(['doctor']))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", command], capture_output=True, text=True, timeout=300, check=False
    )
    assert "model descriptor: sha256" in done.stdout, done.stderr
    assert (site / "lapel/models/descriptor.tflite").is_file()
    assert (tmp_path / "root/usr/bin/lapel").resolve() == tmp_path / "root/opt/lapel/bin/lapel"
    assert (tmp_path / "root/usr/share/doc/lapel/tpm/lapel-link.service.d/passphrase.conf").is_file()
    assert not (site / "pytest").exists()  # of the bench's lock, which is another
