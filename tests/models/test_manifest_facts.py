"""The manifest, the cards, the files and the recipes that build them say the same."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lapel.infer.learned import LEARNED
from lapel.infer.manifest import ModelStore, models_folder
from lapel.infer.tflite import Runtime, TensorSpec
from lapel_tools.build_models.catalogue import MODELS, RECIPES, Recipe

FOLDER = models_folder()
TABLES: dict[str, Any] = {
    name: table
    for name, table in tomllib.loads((FOLDER / "manifest.toml").read_text(encoding="utf-8")).items()
    if isinstance(table, dict)
}
MIB = 1024 * 1024


def described(tensor: dict[str, Any]) -> tuple[object, ...]:
    return tensor["name"], tuple(tensor["shape"]), tensor["dtype"], pytest.approx(tensor["scale"]), tensor["zero_point"]


def found(spec: TensorSpec) -> tuple[object, ...]:
    return spec.name, spec.shape, spec.dtype.name, spec.scale, spec.zero_point


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", TABLES)
def test_the_manifest_states_size_and_sha256_of_the_file(name: str) -> None:
    path = FOLDER / TABLES[name]["file"]
    assert (path.stat().st_size, digest(path)) == (TABLES[name]["bytes"], TABLES[name]["sha256"])


@pytest.mark.models
@pytest.mark.parametrize("name", [name for name in TABLES if name not in LEARNED])
def test_the_manifest_describes_inputs_and_outputs_as_the_runtime_finds_them(name: str, runtime: Runtime) -> None:
    model = ModelStore(runtime=runtime).open(name)
    assert found(model.input) == described(TABLES[name]["inputs"][0])
    outputs = {spec.name: found(spec) for spec in model.outputs}
    assert outputs == {tensor["name"]: described(tensor) for tensor in TABLES[name]["outputs"]}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.file)
def test_the_manifest_names_the_source_that_the_recipe_uses(recipe: Recipe) -> None:
    stated = TABLES[recipe.model]["source"]
    package = recipe.source.package
    assert (stated["package"], stated["version"], stated["registry"]) == (
        package.name,
        package.version,
        package.registry.value,
    )
    assert (stated["path"], stated["start"], stated["sha256"]) == (
        recipe.source.path,
        recipe.source.start,
        recipe.source.sha256,
    )


def test_every_model_of_the_manifest_has_a_recipe() -> None:
    assert set(MODELS) == set(TABLES)


def test_every_file_in_the_folder_is_accounted_for() -> None:
    stated = {"manifest.toml", "NOTICE.md"}
    for table in TABLES.values():
        stated |= {table["file"], table["card"], table.get("labels_file", table["file"])}
    assert {path.name for path in FOLDER.iterdir()} == stated


@pytest.mark.parametrize("name", TABLES)
def test_a_card_states_source_licence_and_how_its_figures_were_measured(name: str) -> None:
    card = (FOLDER / TABLES[name]["card"]).read_text(encoding="utf-8")
    source = TABLES[name]["source"]
    for stated in (f"`{source['package']}` {source['version']}", TABLES[name]["licence"], "--measure"):
        assert stated in card


@pytest.mark.parametrize("name", [name for name in TABLES if name not in LEARNED])
def test_the_card_of_a_network_says_what_it_answers_under_the_other_runtime(name: str) -> None:
    card = " ".join((FOLDER / TABLES[name]["card"]).read_text(encoding="utf-8").split())
    assert "`tflite-runtime` 2.14" in card
    assert "same bytes run through both" in card


def test_all_models_together_stay_below_25_mib() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 25 * MIB


def test_the_face_finder_gives_a_score_and_a_box_and_no_landmark() -> None:
    assert sum(tensor["shape"][-1] for tensor in TABLES["face"]["outputs"]) == 5


def test_the_detector_has_a_label_for_each_of_its_logits() -> None:
    logits = next(tensor for tensor in TABLES["detector"]["outputs"] if tensor["name"] == "logits")
    assert len(TABLES["detector"]["labels"]) == logits["shape"][-1]


def test_the_reader_knows_printable_ascii_and_nothing_else() -> None:
    table = TABLES["text_reader"]
    path = FOLDER / table["labels_file"]
    characters = path.read_text(encoding="utf-8").split("\n")[:-1]
    assert sorted(characters) == [chr(code) for code in range(32, 127)]
    assert table["outputs"][0]["shape"][-1] == len(characters) + 1
    assert digest(path) == table["labels_sha256"]
