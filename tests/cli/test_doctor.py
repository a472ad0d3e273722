"""The doctor finds what would spoil a shift, and says what to do about it."""

import json
import shutil
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from lapel.cli.main import main
from lapel.config.profile import load_profile
from lapel.fakes.clock import FakeClock
from lapel.infer.manifest import models_folder
from lapel.wiring.doctor import Patient, examine


def verdicts(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    return {each["name"]: each for each in json.loads(capsys.readouterr().out)}


def test_a_device_in_order_gets_no_finding_on_models_key_and_state(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--state", str(state), "--json"])
    found = verdicts(capsys)
    wanted = [name for name in found if name.startswith("model ")] + [
        "key",
        "state folder",
        "clock",
        "search",
        "contact",
    ]
    assert len(wanted) > 4
    assert [name for name in wanted if not found[name]["is_fine"]] == []


def test_a_key_that_others_can_read_is_a_finding(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state / "device.key").chmod(0o644)
    assert main(["doctor", "--state", str(state), "--json"]) == 1
    assert "run: chmod 600" in str(verdicts(capsys)["key"]["said"])


def test_a_state_folder_open_to_others_is_a_finding(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state.chmod(0o755)
    assert main(["doctor", "--state", str(state), "--json"]) == 1
    assert "run: chmod 700" in str(verdicts(capsys)["state folder"]["said"])


@pytest.mark.parametrize(("shown", "is_fine"), [(datetime(1970, 1, 1, tzinfo=UTC), False), (None, True)], ids=str)
def test_a_clock_that_was_never_set_is_a_finding(
    shown: datetime | None, is_fine: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lapel.wiring.doctor.SystemClock", lambda: FakeClock(shown) if shown else FakeClock())
    main(["doctor", "--json"])
    clock = verdicts(capsys)["clock"]
    said = "2026-01-31, UTC" if is_fine else "shows 1970-01-01; set it, or entries expire on the wrong day"
    assert (clock["is_fine"], clock["said"]) == (is_fine, said)


def test_a_missing_state_folder_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--state", str(tmp_path / "absent"), "--json"]) == 1
    assert not verdicts(capsys)["state folder"]["is_fine"]


def test_a_camera_that_is_not_plugged_in_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = tmp_path / "desk.toml"
    profile.write_text('[board]\nname = "desk"\nmeasured = false\n[camera]\nsource = "uvc:97"\n', encoding="utf-8")
    assert main(["doctor", "--profile", str(profile), "--json"]) == 1
    assert "there is no /dev/video97" in str(verdicts(capsys)["camera"]["said"])


def test_a_model_with_one_flipped_bit_is_a_finding(tmp_path: Path) -> None:
    models = Path(shutil.copytree(models_folder(), tmp_path / "models"))
    content = bytearray((models / "detector.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    (models / "detector.tflite").write_bytes(content)
    found = {each.name: each for each in examine(Patient(load_profile("ci-video"), models_folder=models))}
    assert not found["model detector"].is_fine
    assert found["model descriptor"].is_fine


def test_findings_are_lines_that_a_person_can_read(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state.chmod(0o755)
    main(["doctor", "--state", str(state)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines if line.startswith("FINDING")] == ["FINDING  state folder"]


@pytest.mark.skipif(find_spec("picamera2") is not None, reason="picamera2 is installed here")
def test_a_pi_camera_without_its_library_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--profile", "pi-5", "--json"]) == 1
    assert "apt install python3-picamera2, and make" in str(verdicts(capsys)["camera"]["said"])


@pytest.mark.parametrize(("swap_kib", "is_fine"), [(0, True), (102_400, False)])
def test_raw_pixels_that_cannot_be_locked_are_a_finding_where_there_is_swap(
    swap_kib: int, is_fine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel.wiring.doctor.is_lockable", lambda size_bytes: False)
    monkeypatch.setattr("lapel.wiring.doctor._swap_kib", lambda: swap_kib)
    found = {each.name: each for each in examine(Patient(load_profile("ci-video")))}["raw pixels"]
    assert found.is_fine is is_fine
    assert "their 23 MiB cannot be locked: the limit is " in found.said
    assert ("set LimitMEMLOCK=infinity in the unit" in found.said) is not is_fine


def test_the_doctor_tries_whether_core_dumps_can_be_switched_off(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--json"])
    assert verdicts(capsys)["core dumps"]["said"] == "a watch switches them off for itself"
