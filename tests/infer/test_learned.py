"""What was learned beside the networks is read whole, or refused."""

import hashlib
import io
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lapel.core.search import cosines, directions
from lapel.errors import ForeignModel, Tampered
from lapel.fakes.gallery import made_up_gallery
from lapel.fakes.keys import FixedKey
from lapel.infer.learned import read_local, read_reduction
from lapel.infer.manifest import ModelStore, models_folder
from lapel.store.gallery import read_gallery, write_gallery

Change = Callable[[dict[str, np.ndarray]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the committed models."""
    copy = tmp_path / "models"
    shutil.copytree(models_folder(), copy)
    return copy


def remade(folder: Path, name: str, change: Change) -> ModelStore:
    """The models with the arrays of one changed, and the manifest made to fit."""
    card = ModelStore(folder).card(name)
    arrays = dict(np.load(folder / card.file))
    change(arrays)
    made = io.BytesIO()
    np.savez(made, **arrays)  # type: ignore[arg-type]
    (folder / card.file).write_bytes(made.getvalue())
    manifest = (folder / "manifest.toml").read_text(encoding="utf-8")
    found = hashlib.sha256(made.getvalue()).hexdigest()
    (folder / "manifest.toml").write_text(manifest.replace(card.sha256, found), encoding="utf-8")
    return ModelStore(folder)


@pytest.mark.parametrize("name", ["local", "reduction"])
def test_a_file_with_one_changed_byte_is_refused(folder: Path, name: str) -> None:
    path = folder / f"{name}.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Tampered, match=rf"{name}\.npz: sha256 is"):
        (read_local if name == "local" else read_reduction)(ModelStore(folder))


def test_a_file_without_one_of_its_arrays_is_refused(folder: Path) -> None:
    store = remade(folder, "local", lambda arrays: arrays.pop("words"))  # type: ignore[arg-type, return-value]
    with pytest.raises(Tampered, match=r"local\.npz: .*words"):
        read_local(store)


def test_a_file_that_holds_objects_is_refused(folder: Path) -> None:
    def pickled(arrays: dict[str, np.ndarray]) -> None:
        arrays["basis"] = np.array([{"a": 1}], dtype=object)

    with pytest.raises(Tampered, match=r"reduction\.npz"):
        read_reduction(remade(folder, "reduction", pickled))


@pytest.mark.parametrize("name", ["local", "reduction"])
def test_a_list_made_with_another_projection_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    path, keys = tmp_path / "list.lapel", FixedKey()
    write_gallery(path, made_up_gallery(date(2026, 1, 31), model_sha256=ModelStore(folder).describing_sha256), keys)

    def scaled(arrays: dict[str, np.ndarray]) -> None:
        arrays["scales"] = arrays["scales"] * 2

    other = remade(folder, name, scaled)
    with pytest.raises(ForeignModel, match="enrol the list again"):
        read_gallery(path, keys, other.describing_sha256)


def test_the_reduction_keeps_cosines() -> None:
    draw = np.random.default_rng(1)
    rows = np.abs(draw.standard_normal((40, 1280))).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    reduced = read_reduction(ModelStore()).unit(rows)
    assert reduced.shape == (40, 256)
    assert np.abs(reduced @ reduced.T - rows @ rows.T).mean() < 0.03


def test_both_descriptions_have_at_most_256_values() -> None:
    store = ModelStore()
    assert read_reduction(store).dimensions <= 256
    assert read_local(store).aggregation.reduction.dimensions <= 256


def test_the_code_of_a_feature_keeps_distances() -> None:
    code = read_local(ModelStore()).code
    draw = np.random.default_rng(2).gamma(0.5, size=(60, 128)).astype(np.float32)
    rooted = np.sqrt(draw / draw.sum(axis=1, keepdims=True))
    codes = code.codes(rooted)
    assert codes.shape == (60, 64)
    assert not (np.abs(codes.astype(int)) > 127).any()
    coded = np.linalg.norm(codes[:30].astype(np.float32) - codes[30:], axis=1) * code.step
    real = np.linalg.norm((rooted[:30] - code.mean - rooted[30:] + code.mean) @ code.basis, axis=1)
    np.testing.assert_allclose(coded, real, rtol=0.1)


def test_bytes_keep_the_direction_of_a_row() -> None:
    rows = np.random.default_rng(3).standard_normal((50, 256)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert min(cosines(row[None], directions(row[None]))[0] for row in rows) > 0.9995
