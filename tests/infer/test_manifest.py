"""Committed models are what was committed, or they are not loaded."""

import shutil
import weakref
from pathlib import Path

import pytest

from lapel.errors import ConfigError, DelegateError, Tampered, UsageError
from lapel.infer.learned import LEARNED
from lapel.infer.manifest import ModelStore, models_folder
from lapel.infer.tflite import Runtime

pytestmark = pytest.mark.models


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    shutil.copytree(models_folder(), folder)
    return folder


def test_every_model_of_the_manifest_loads(runtime: Runtime) -> None:
    store = ModelStore(runtime=runtime)
    assert {"detector", "descriptor", "face"} <= set(store.cards)
    for name in store.cards.keys() - LEARNED.keys():
        assert store.open(name).input.shape[0] in (1, -1)


def test_a_model_is_loaded_once_while_anybody_has_it(runtime: Runtime) -> None:
    store = ModelStore(runtime=runtime)
    detector = store.open("detector")
    assert store.open("detector") is detector
    gone = weakref.ref(detector)
    del detector
    assert gone() is None
    assert store.open("detector").outputs


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_one_flipped_byte_in_a_model_is_refused(copied: Path, place: int) -> None:
    path = copied / "descriptor.tflite"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(Tampered, match=r"descriptor\.tflite: sha256 is .* restore"):
        ModelStore(copied).open("descriptor")


def test_a_missing_model_is_named(copied: Path) -> None:
    (copied / "face.tflite").unlink()
    with pytest.raises(UsageError, match=r"face\.tflite"):
        ModelStore(copied).open("face")


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"manifest\.toml"):
        ModelStore(tmp_path)


def test_a_model_that_is_not_in_the_manifest_is_named() -> None:
    with pytest.raises(ConfigError, match="'gait'"):
        ModelStore().open("gait")


def test_a_delegate_that_does_not_load_is_an_error_that_names_the_remedy(tmp_path: Path, runtime: Runtime) -> None:
    library = tmp_path / "libedgetpu.so.1"
    library.write_bytes(b"not a shared object")
    with pytest.raises(DelegateError, match=r"libedgetpu\.so\.1 .*CPU profile"):
        ModelStore(runtime=runtime, delegate=str(library)).open("face")


def test_a_runtime_that_is_not_installed_is_an_error_that_says_how_to_get_a_package_with_it(runtime: Runtime) -> None:
    other = next(r for r in Runtime if r is not runtime)
    with pytest.raises(
        ConfigError, match=rf"{other.value} is not installed .* tools/build-deb --runtime {other.value} "
    ):
        ModelStore(runtime=other).open("face")
