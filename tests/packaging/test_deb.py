"""The Debian package: what it places, what its scripts do, and that a purge leaves nothing."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lapel.cli.provision import FOLDER, MARK, SETTINGS
from lapel.cli.update import SHELF
from lapel.config.loader import load
from lapel.config.profile import shipped_profiles
from lapel.core.software import APPLYING
from lapel.wiring.dpkg import SCRIPT
from lapel.wiring.provisioning import SEED, Seed

ROOT = Path(__file__).parents[2]
FILES = ROOT / "tools" / "packaging" / "debian"
PI_GEN = ROOT / "tools" / "packaging" / "pi-gen"
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
    removed = set(next(line for line in text("postrm").splitlines() if line.startswith("rm -rf ")).split()[2:])
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


def test_what_updates_keep_is_gone_after_a_purge() -> None:
    assert f" {SHELF} " in next(line for line in text("postrm").splitlines() if line.startswith("rm -rf "))


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


def test_an_unknown_architecture_is_named_before_anything_is_fetched() -> None:
    done = subprocess.run(
        [ROOT / "tools" / "build-deb", "--arch", "riscv64"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "build-deb: --arch riscv64: unknown architecture; arm64 or amd64\n"


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
