"""The doctor knows the walls of the lookout's unit from the inside, and misses each that is not there; the kernel's
limits of memory as well."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest

from lapel.errors import ConfigError
from lapel.wiring.doctor_sandbox import OVER_NETWORK, UNIT, examine_limits, examine_sandbox, unit_around

# As /proc shows it to a process of the unit; what has nothing to do with walls is left out.
CGROUP = f"0::/system.slice/{UNIT}\n"
STATUS = "Name:\tlapel\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t14\n"
NETWORK = "Inter-|   Receive\n face |bytes    packets\n    lo:       0       0\n"
WITH_NETWORK = f"{NETWORK}  eth0: 3689364193  112354\n"
ROOT = Path(__file__).parents[2]


def proc(folder: Path, status: str = STATUS, network: str = NETWORK, cgroup: str = CGROUP) -> Path:
    (folder / "self" / "net").mkdir(parents=True)
    (folder / "self" / "cgroup").write_text(cgroup, encoding="utf-8")
    (folder / "self" / "status").write_text(status, encoding="utf-8")
    (folder / "self" / "net" / "dev").write_text(network, encoding="utf-8")
    return folder


def test_inside_the_unit_its_walls_are_named(tmp_path: Path) -> None:
    assert "whose walls stand: NoNewPrivileges, " in examine_sandbox(proc(tmp_path))


@pytest.mark.parametrize(
    ("wall", "status", "network"),
    [
        ("NoNewPrivileges", STATUS.replace("NoNewPrivs:\t1", "NoNewPrivs:\t0"), NETWORK),
        ("CapabilityBoundingSet", STATUS.replace("CapBnd:\t0000", "CapBnd:\t0001"), NETWORK),
        ("SystemCallFilter", STATUS.replace("Seccomp:\t2", "Seccomp:\t0"), NETWORK),
        ("PrivateNetwork", STATUS, WITH_NETWORK),
    ],
)
def test_a_wall_that_is_missing_inside_the_unit_is_a_finding(
    wall: str, status: str, network: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=f"inside {UNIT}, without {wall}; see what changes it"):
        examine_sandbox(proc(tmp_path, status, network))
    assert f"\n{wall}=" in (ROOT / "systemd" / UNIT).read_text(encoding="utf-8"), "the unit puts it up"


@pytest.mark.parametrize("cgroup", ["0::/user.slice/user-1000.slice\n", "0::/system.slice/lapel-link.service\n"])
def test_outside_the_unit_nothing_is_missed_and_that_is_said(cgroup: str, tmp_path: Path) -> None:
    assert examine_sandbox(proc(tmp_path, cgroup=cgroup, network=WITH_NETWORK)).startswith(f"outside {UNIT}")


def test_a_kernel_that_counts_no_memory_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io pids\n", encoding="ascii")  # as Raspberry Pi OS boots
    with pytest.raises(ConfigError, match="MemoryMax= of the units holds nothing back; add cgroup_enable=memory to "):
        examine_limits(tmp_path)
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory pids\n", encoding="ascii")
    assert examine_limits(tmp_path).endswith("so MemoryMax= of the units holds")


def test_where_no_unit_can_be_limited_that_is_no_finding(tmp_path: Path) -> None:
    assert examine_limits(tmp_path).endswith("is not known")


def test_these_tests_do_not_run_inside_the_unit() -> None:
    assert unit_around() is None


def test_a_lookout_over_a_network_camera_whose_packets_go_anywhere_is_a_finding(tmp_path: Path) -> None:
    inside = proc(tmp_path, network=WITH_NETWORK, cgroup=f"0::/system.slice/{OVER_NETWORK}\n")
    with pytest.raises(ConfigError, match=f"inside {OVER_NETWORK}, without IPAddressDeny; see what changes it"):
        examine_sandbox(inside)


def test_a_lookout_over_a_network_camera_whose_packets_are_stopped_stands_inside_its_walls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Filtered(socket.socket):
        def sendto(self, *_: object) -> int:
            raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(socket, "socket", Filtered)
    inside = proc(tmp_path, network=WITH_NETWORK, cgroup=f"0::/system.slice/{OVER_NETWORK}\n")
    assert "Seccomp" not in (said := examine_sandbox(inside))
    assert said.endswith("SystemCallFilter, IPAddressDeny")
