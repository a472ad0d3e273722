"""A watch asks nothing of a network: it gives the same alerts without one, and opens no Internet socket."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from lapel.config.profile import load_profile
from lapel.hunt.scene import write_film
from lapel.store.gallery import write_gallery
from lapel.store.keys import FileKey
from lapel.wiring.hunting import bait_gallery, isolation

FRAMES = 40
_OPENS_ONE = "import socket; socket.socket(socket.AF_INET).close()"
_SEES_ONE = "import socket; print([name for _, name in socket.if_nameindex()])"


class Scene:
    """A film in which a thing and a code are listed, and a watchlist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._film = write_film(folder / "film.avi", FRAMES)
        self._list, key = folder / "list.lapel", folder / "list.key"
        write_gallery(self._list, bait_gallery(load_profile("ci-video")), FileKey.create(key))
        self._key = key

    def alerts(self, name: str, before: Sequence[str] = ()) -> list[dict[str, object]]:
        """What a watch alerts of, started by a command that stands ``before`` it; without times and record names."""
        lines = self.folder / f"{name}.jsonl"
        options = ("--watchlist", self._list, "--key-file", self._key, "--state", self.folder / name)
        command = (*before, sys.executable, "-m", "lapel.cli.main", "replay", self._film, *options)
        done = subprocess.run(
            [*map(str, command), "--alerts", str(lines), "--quiet-s", "0", "--json"],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        alerts = [json.loads(line) for line in lines.read_text().splitlines()]
        return [{key: value for key, value in alert.items() if key != "record"} for alert in alerts]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


def test_a_watch_without_any_network_gives_the_same_alerts(scene: Scene) -> None:
    isolated = isolation()
    if not isolated:
        pytest.skip("unshare --net: root, or user namespaces")
    seen = subprocess.run((*isolated, sys.executable, "-c", _SEES_ONE), capture_output=True, text=True, check=True)
    assert seen.stdout == "['lo']\n"
    without = scene.alerts("without", isolated)
    assert without
    assert without == scene.alerts("with")


@pytest.fixture
def trace(tmp_path: Path) -> tuple[Sequence[str], Path]:
    """A command that notes every socket which a program and its threads ask the kernel for, and where it notes them."""
    if shutil.which("strace") is None:
        pytest.skip("strace")
    notes = tmp_path / "trace"
    command = ("strace", "-f", "-qq", "-e", "trace=socket,socketpair,connect,bind,sendto", "-o", str(notes))
    if subprocess.run((*command, "true"), capture_output=True, check=False).returncode:
        pytest.skip("strace: the right to trace")
    return command, notes


def test_the_kernel_sees_no_internet_socket_of_a_watch(scene: Scene, trace: tuple[Sequence[str], Path]) -> None:
    command, notes = trace
    assert scene.alerts("traced", command)
    assert [line for line in notes.read_text().splitlines() if "AF_INET" in line or "AF_PACKET" in line] == []


def test_an_internet_socket_would_have_been_seen(trace: tuple[Sequence[str], Path]) -> None:
    command, notes = trace
    subprocess.run((*command, sys.executable, "-c", _OPENS_ONE), check=True)
    assert "AF_INET" in notes.read_text()
