"""A profile says what it must, or says in one line what is wrong with it."""

from pathlib import Path

import pytest

from lapel.config.profile import load_profile, profiles_folder, shipped_profiles
from lapel.errors import ConfigError

BOARD = '[board]\nname = "bench"\nmeasured = false\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "pi.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[camera]\nwitdh_px = 640", "camera.witdh_px: unknown key; did you mean width_px?"),
        (
            "[camera]\nwidth_mm = 640",
            "camera.width_mm: unknown key; did you mean width_px? It is given in px, not in mm",
        ),
        ("[camera]\nwidth = 640", "camera.width: unknown key; did you mean width_px? Units stand in the name"),
        ("[camera]\nwidth_px = '640'", "camera.width_px: '640': a whole number is needed, without quotes"),
        ("[camera]\nwidth_px = 640.5", "camera.width_px: 640.5: a whole number is needed, without quotes"),
        ("[camera]\nwidth_px = true", "camera.width_px: true: a whole number is needed, without quotes"),
        ("[camera]\nwidth_px = 1", "camera.width_px: 1: must be from 64 to 8192"),
        ("[camera]\nfps = nan", "camera.fps: nan: must be from 0.1 to 240"),
        ("[camera]\nfps = inf", "camera.fps: inf: must be from 0.1 to 240"),
        ("[camera]\nsource = 0", "camera.source: 0: text is needed, in quotes"),
        ("[models]\nruntime = 'tflite'", "models.runtime: 'tflite': must be one of ai-edge-litert, tflite-runtime"),
        ("[pins]\nmotor = 18", "pins.light: missing; whoever is seen must see whether the camera looks"),
        ("[pins]\nlight = 17\nyes = 5", "pins.no: missing; capture is stopped by both buttons"),
        ("[pins]\nlight = 17\nmotor = 17", "pins.motor: 17: is the pin of light as well; give each a pin of its own"),
        ("[pins]\nlight = 28", "pins.light: 28: must be from -1 to 27"),
        ("[cammera]\n", "cammera: unknown table; did you mean camera?"),
        ("[gait]\n", "gait: unknown table; did you mean gate?"),
        ("[[camera]]\n", "camera: [{}]: a table is needed: write [camera] and its keys below"),
        ("[camera\n", "not TOML: "),
    ],
)
def test_what_is_wrong_is_named_with_file_table_key_value_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, BOARD + text)
    with pytest.raises(ConfigError) as caught:
        load_profile(path)
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


def test_a_required_key_that_is_missing_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, '[board]\nname = "bench"\n')
    with pytest.raises(ConfigError, match=r"board\.measured: missing; write measured = … under \[board\]"):
        load_profile(path)


def test_a_required_text_must_not_be_empty(tmp_path: Path) -> None:
    path = written(tmp_path, '[board]\nname = " "\nmeasured = false\n')
    with pytest.raises(ConfigError, match=r"board\.name: ' ': must not be empty"):
        load_profile(path)


def test_truth_values_are_not_written_as_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, '[board]\nname = "bench"\nmeasured = 0\n')
    with pytest.raises(ConfigError, match=r"board\.measured: 0: true or false is needed"):
        load_profile(path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pi.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="a TOML file in UTF-8 is needed"):
        load_profile(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: no such file"):
        load_profile(tmp_path / "absent.toml")


def test_an_unknown_profile_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"pi-9: no such profile; give a \.toml file or one of ci-video, .*pi-5"):
        load_profile("pi-9")


def test_a_whole_number_is_good_enough_for_a_real_one(tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, BOARD + "[camera]\nfps = 12")).camera.fps == 12.0


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_shipped_profile_loads_and_bears_the_name_of_its_file(name: str) -> None:
    assert load_profile(name).board.name == name


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_shipped_profile_does_not_claim_to_be_measured_without_figures(name: str) -> None:
    profile = load_profile(name)
    text = (profiles_folder() / f"{name}.toml").read_text(encoding="utf-8")
    assert profile.board.measured == ("Measured with" in text)


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_value_of_a_shipped_profile_is_explained(name: str) -> None:
    lines = (profiles_folder() / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    explained = {key: "#" in line for line in lines if (key := line.partition(" = ")[0]) != line}
    bare = {key for key, is_explained in explained.items() if not is_explained}
    assert bare == {"name"}


def test_the_boards_of_the_design_are_shipped() -> None:
    assert set(shipped_profiles()) == {"pi-zero-2w", "pi-4", "pi-4-edgetpu", "pi-5", "laptop-uvc", "ci-video"}
