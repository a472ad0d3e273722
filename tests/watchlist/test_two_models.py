"""A fleet with two models: nothing is enrolled again, each device takes the list that its models described."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from authority_desk import TERMS, Desk
from filling_rig import Store, other_models
from lapel.cli.main import main as device
from lapel.core.gallery import Gallery
from lapel.infer.manifest import ModelStore
from lapel.store.gallery import open_gallery, read_gallery
from lapel.store.keys import FileKey
from lapel_tools.cli.main import main as admin

ROOT = Path(__file__).parents[2]


class Camera:
    """A device with a program of its own, whose models are those beside it."""

    def __init__(self, folder: Path, program: Path, desk: Desk) -> None:
        self.state, self._program, self._desk = folder / "state", program, desk
        self.state.mkdir(parents=True)
        root = desk.dir / "public" / "metadata" / "1.root.json"
        described = desk.folder / f"{folder.name}.json"
        options = ("--device", folder.name, "--group", "patrol", "--state", str(self.state), "--out", str(described))
        assert device(["watchlist", "trust", str(root), *options]) == 0
        assert admin(["device", "add", "--dir", str(desk.dir), str(described)]) == 0

    def take(self, *options: str) -> subprocess.CompletedProcess[str]:
        words = ("watchlist", "import", str(self._desk.dir), "--state", str(self.state), *options)
        environment = os.environ | {"PYTHONPATH": str(self._program / "device")}
        command = [sys.executable, "-m", "lapel.cli.main", *words]
        return subprocess.run(command, env=environment, cwd=self._program, capture_output=True, text=True)

    def listed(self, models: Path | None = None) -> Gallery:
        """Its list, opened for some models."""
        path, keys = self.state / "watchlist.lapel", FileKey(self.state / "device.key")
        open_gallery(path, keys, ModelStore(models).describing_sha256, checked_whole=True)
        return read_gallery(path, keys)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The next version of the program, with other models."""
    shutil.copytree(ROOT / "device", tmp_path / "newer" / "device", ignore=shutil.ignore_patterns("__pycache__"))
    other_models(tmp_path / "newer" / "models")
    return tmp_path / "newer"


def test_each_device_of_a_fleet_with_two_models_takes_the_list_that_its_own_described(
    tmp_path: Path, newer: Path
) -> None:
    store, desk = Store(tmp_path), Desk(tmp_path)
    store.things(1)
    assert store.fill() == 0
    anew = tmp_path / "anew.lapel"
    words = store.words("redescribe", str(store.list), "--models", str(newer / "models"), "--out", str(anew))
    assert admin([*words, "--processes", "1"]) == 0
    desk.founded()
    old, new = Camera(tmp_path / "cam-1", ROOT, desk), Camera(tmp_path / "cam-2", newer, desk)
    for list_id, gallery in (("crates", store.gallery()), ("crates-anew", read_gallery(anew, FileKey(store.key)))):
        desk.published(gallery, "--list-id", list_id, *TERMS)
    taken = [camera.take() for camera in (old, new)]
    assert [each.returncode for each in taken] == [0, 0], taken
    assert (old.listed().terms.list_id, new.listed(newer / "models").terms.list_id) == ("crates", "crates-anew")
    assert old.listed().entries == new.listed(newer / "models").entries
    for camera, others in ((old, "crates-anew"), (new, "crates")):
        refused = camera.take("--list", others)
        assert refused.returncode == 5
        assert f"list {others} version" in refused.stderr
        assert "its references were made by models" in refused.stderr
        assert "redescribe" in refused.stderr
    assert (old.listed().terms.list_id, new.listed(newer / "models").terms.list_id) == ("crates", "crates-anew")
