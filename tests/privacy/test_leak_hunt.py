"""The leak hunt: marked faces through the whole appliance, and not one of them in any byte that it wrote or sent."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hunting_ground import Ground, can_mount, unmount
from lapel.core.record_body import LARGEST_PICTURE_BYTES
from lapel.hunt.scene import scenes
from lapel.hunt.search import Search
from lapel_tools.broker.mosquitto import INSTALL, program

pytestmark = pytest.mark.mosquitto

FRAMES, ROUNDS, SEEDS = 1250, 4, range(4)
assert FRAMES * ROUNDS * len(SEEDS) == 20_000
CUTS = (signal.SIGKILL, signal.SIGSEGV)


@pytest.fixture
def broker_there() -> None:
    if program() is None:
        pytest.skip(f"mosquitto: {INSTALL}")


@pytest.fixture(params=SEEDS)
def big_ground(broker_there: None, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ground]:
    """A ground on a disk of its own, each with another film."""
    if not can_mount():
        pytest.skip("a disk in a file: root, mkfs.ext4 and /dev/loop-control")
    ground = Ground(tmp_path, FRAMES, request.param, has_disk=True)
    ground.rig.start_broker()
    yield ground
    ground.rig.kill_broker()
    unmount(ground.written)


def test_no_face_of_a_short_hunt_is_in_what_was_written_or_sent(broker_there: None, tmp_path: Path) -> None:
    ground = Ground(tmp_path, 60)
    ground.rig.start_broker()
    try:
        with ground.linked(outages_every_s=2.0):
            ground.watch_and_cut(latest_s=0.5)
            ground.watch_to_the_end()
    finally:
        ground.rig.kill_broker()
    only_crops_travelled(ground)
    search, leaks = ground.searched()
    assert (ground.frames, ground.alerts > 0) == (60, True)
    assert search.pictures >= 3 * ground.alerts
    assert leaks == []


def only_crops_travelled(ground: Ground) -> None:
    """There are clips, and none of them was sent: pictures of at most 64 KiB alone were."""
    assert list((ground.rig.state / "clips").glob("*.clip"))
    with closing(sqlite3.connect(ground.rig.db)) as db:
        (largest,) = db.execute("select max(length(picture)) from records").fetchone()
    assert 0 < largest <= LARGEST_PICTURE_BYTES
    assert b"AVI " not in ground.sent.read_bytes()


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_no_face_of_a_quarter_of_twenty_thousand_frames_is_in_what_was_written_or_sent(big_ground: Ground) -> None:
    with big_ground.linked(outages_every_s=20.0):
        for number in CUTS:
            big_ground.watch_and_cut(number)
        for number in range(ROUNDS):
            big_ground.watch_to_the_end(disk_is_full_s=10.0 if number == 1 else 0.0)
    assert big_ground.frames == FRAMES * ROUNDS
    search, leaks = big_ground.searched()
    print(
        f"{big_ground.frames} frames, {big_ground.alerts} alerts; searched {search.files} files, "
        f"{search.octets >> 20} MiB, {search.pictures} pictures: {len(leaks)} leaks"
    )
    assert leaks == []


def test_what_is_sent_is_tapped_before_it_is_encrypted(broker_there: None, tmp_path: Path) -> None:
    """Control: a picture with a face that somebody put into a record is found in what was sent."""
    import cv2

    ground = Ground(tmp_path, 1)
    ground.rig.start_broker()
    try:
        ground.rig.write(1, cv2.imencode(".jpg", next(scenes(1))[..., ::-1])[1].tobytes())
        with ground.linked(outages_every_s=60.0):
            pass
    finally:
        ground.rig.kill_broker()
    assert any(leak.where.startswith("sent › JPEG") for leak in Search().content("sent", ground.sent.read_bytes()))
